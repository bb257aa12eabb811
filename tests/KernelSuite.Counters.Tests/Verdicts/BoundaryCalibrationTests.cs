using System.Globalization;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Tests.Statistics;
using KernelSuite.Counters.Verdicts;
using Xunit;
using Xunit.Abstractions;

namespace KernelSuite.Counters.Tests.Verdicts;

/// <summary>
/// How often the conditional test refutes a true mean by where it lies: given a face of codimension c &gt; 0, d² is χ² with c degrees of freedom,
/// so the rate is the level times the probability that the sample mean lies outside of the cone. Deep inside that is 0, on a facet one half, and
/// it nears 1 the narrower the cone is about the mean. Normal noise, 100 samples.
/// </summary>
public class BoundaryCalibrationTests(ITestOutputHelper output)
{
    private const int Trials = 2000, Samples = 100;

    // x >= y >= z >= w >= 0, and three paths in four counters, which leave an equality.
    private static readonly long[][] Chain = [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]];
    private static readonly long[][] Flat = [[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 1]];

    /// <summary>A mean, and the share of means outside of the cone that geometry gives: its complement is the tangent cone's solid angle.</summary>
    public static TheoryData<string, double[], double, double> Means => new()
    {
        { "inside", [4, 3, 2, 1], 0, 0 },
        { "on a facet", [4, 4, 3, 2], .49, .51 },
        { "on a face of two dimensions", [4, 4, 4, 2], .81, .85 },
        { "on a ray", [4, 4, 4, 4], .93, .97 },
        { "flat, inside", [1, 1, 1, 3], .99, 1 },
        { "flat, on a ray", [1, 0, 0, 1], .99, 1 },
    };

    [Theory]
    [MemberData(nameof(Means))]
    public void A_true_mean_is_refuted_as_often_as_the_cone_leaves_room(string where, double[] mean, double least, double most)
    {
        var signatures = new SignatureSet(RandomCases.Counters(mean.Length), where.StartsWith("flat", StringComparison.Ordinal) ? Flat : Chain);
        var test = new ConeTest(signatures, new VerdictOptions { Confidence = .95, Certificates = false });
        var random = new Random(9);
        var sample = new double[mean.Length];
        int outside = 0, refuted = 0, rare = 0;
        for (int trial = 0; trial < Trials; trial++)
        {
            var moments = new SampleMoments(mean.Length);
            for (int n = 0; n < Samples; n++)
            {
                for (int i = 0; i < sample.Length; i++) sample[i] = 100 * mean[i] + ObservationTests.Gaussian(random);
                moments.Add(sample);
            }

            VerdictResult result = test.Check(Observation.FromMoments("seen", signatures.Counters, moments));
            if (result.Distance > 0) outside++;
            if (result.Verdict == Verdict.Refuted) refuted++;
            if (result.PValue < .01) rare++;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{where}: {(double)outside / Trials:P1} outside, {(double)refuted / Trials:P2} refuted at 0.95, {(double)rare / Trials:P2} at 0.99"));
        Assert.InRange((double)outside / Trials, least - .03, most + .03);
        Assert.InRange(refuted, 0, 1.5 * .05 * Trials);
        Assert.InRange(rare, 0, 1.5 * .01 * Trials);

        // A test that never refutes is no test: two thirds of what the sample means outside of the cone allow.
        Assert.True(refuted >= .67 * .05 * least * Trials, $"{refuted} refuted of {outside} outside");
    }
}
