using System.Globalization;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;
using MathNet.Numerics.Distributions;

namespace KernelSuite.Counters.Tests.Verdicts;

/// <summary>Counts how often each method refutes the Haswell base model; "Rows" is any row by itself after Holm's correction.</summary>
internal sealed class RefutationTally(params double[] confidences)
{
    private const string Rows = "Rows";

    private static readonly TestRow[] KnownRows = [.. Multiplexing.Cone.Equalities.Concat(Multiplexing.Cone.Inequalities)
        .Select((ConeRow row) => new TestRow(Multiplexing.Counters, row.ToDoubles(), row.IsEquality))];

    private readonly (string Method, double Confidence, ConeTest Test)[] tests = [.. confidences.SelectMany(confidence =>
        Enum.GetValues<VerdictMethod>().Reverse().Select(method => (method.ToString(), confidence, new ConeTest(Multiplexing.Model,
            new VerdictOptions { Method = method, Confidence = confidence, Certificates = false },
            method == VerdictMethod.Conditional ? KnownRows : null))))];

    private readonly Dictionary<(string Method, double Confidence), int> refuted = [];

    public IReadOnlyList<double> Confidences => confidences;

    public IReadOnlyList<string> Methods { get; } = [.. Enum.GetNames<VerdictMethod>().Reverse(), Rows];

    public int Trials { get; private set; }

    public int this[string method, double confidence] => refuted.GetValueOrDefault((method, confidence));

    /// <summary>The most successes of so many trials that a rate gives with a probability.</summary>
    public static int Most(int trials, double rate, double probability)
    {
        int most = 0;
        while (Binomial.CDF(rate, trials, most) < probability) most++;
        return most;
    }

    public void Add(Observation observation)
    {
        Trials++;
        foreach ((string method, double confidence, ConeTest test) in tests)
        {
            VerdictResult result = test.Check(observation);
            if (result.Verdict == Verdict.Refuted) refuted[(method, confidence)] = this[method, confidence] + 1;
            if (result.Violated.Any()) refuted[(Rows, confidence)] = this[Rows, confidence] + 1;
        }
    }

    /// <summary>Counts, with the interval of Clopper and Pearson at 95 % in percent.</summary>
    public override string ToString() => string.Join("; ", confidences.Select(confidence => string.Create(CultureInfo.InvariantCulture,
        $"at {confidence} of {Trials}: {string.Join(", ", Methods.Select(method => Text(method, this[method, confidence])))}")));

    private string Text(string method, int count)
    {
        double low = count == 0 ? 0 : Beta.InvCDF(count, Trials - count + 1, .025), high = count == Trials ? 1
            : Beta.InvCDF(count + 1, Trials - count, .975);
        return string.Create(CultureInfo.InvariantCulture, $"{method} {count} ({100 * low:F1} to {100 * high:F1} %)");
    }
}
