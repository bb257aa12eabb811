using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;
using Xunit;
using Xunit.Abstractions;

namespace KernelSuite.Counters.Tests.Verdicts;

public class CalibrationTests(ITestOutputHelper output)
{
    private static readonly VerdictMethod[] Methods = [VerdictMethod.Box, VerdictMethod.PcaBox, VerdictMethod.SidakBox, VerdictMethod.Ellipsoid,
        VerdictMethod.Conditional];

    [Fact]
    public void A_true_model_is_refuted_no_more_than_half_again_as_often_as_nominal()
    {
        // At 0.95, 150 trials: nominal 7.5, 1.5 times that 11.25.
        int[] refuted = Refutations(0, 150, 120, .95);
        Assert.All(refuted, count => Assert.True(count <= 11, string.Join(" ", refuted)));
    }

    [Fact]
    public void Power_grows_from_independent_boxes_to_the_conditional_test()
    {
        // 0.5, 1 and 2 % more of one event than the model allows: PCA box 0, 6, 59; Sidak 6, 58, 60; ellipsoid 41, 60, 60; conditional 60 of 60 at
        // each; independent 0.
        int[] refuted = Refutations(.01, 60, 120, .99);
        Assert.True(refuted[0] < refuted[1] && refuted[1] < refuted[2] && refuted[2] <= refuted[4] && refuted[4] > 30, string.Join(" ", refuted));
    }

    private int[] Refutations(double extra, int trials, int samples, double confidence)
    {
        ConeTest[] tests = [.. Methods.Select(method => new ConeTest(Multiplexing.Model,
            new VerdictOptions { Method = method, Confidence = confidence, Certificates = false }))];
        var refuted = new int[Methods.Length];
        for (int trial = 0; trial < trials; trial++)
        {
            Observation observation = new Multiplexing(1000 + trial, extra).Observe(samples);
            for (int k = 0; k < tests.Length; k++)
                if (tests[k].Check(observation).Verdict == Verdict.Refuted) refuted[k]++;
        }

        output.WriteLine($"{extra}: {string.Join(", ", Methods.Zip(refuted, (method, count) => $"{method} {count}"))} of {trials}");
        return refuted;
    }
}
