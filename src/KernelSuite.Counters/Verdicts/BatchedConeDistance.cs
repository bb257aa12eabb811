using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Operations.Counters.Distance;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Counters.Verdicts;

/// <summary>
/// Distances of many observations from the cones of many models in one go, by the operation cone_distance in double precision: what
/// <see cref="ConeDistance"/> gives one by one. All models and observations have the same counters.
/// </summary>
/// <example><code>
/// using Device device = DeviceCatalog.Default.Open("opencl:0");
/// BatchedDistances all = BatchedConeDistance.Measure(device, models, regions);
/// double squared = all[observation, model].Squared;
/// </code></example>
public static class BatchedConeDistance
{
    /// <summary>Weights of a launch at most (32 MiB); more observations go into further launches.</summary>
    private const long MostWeights = 1L << 22;

    /// <summary>Whether models are within the bounds of the operation: 1 to 64 counters, at most 256 signatures each, the same counters.</summary>
    public static bool Fits(IReadOnlyList<SignatureSet> models)
    {
        ArgumentNullException.ThrowIfNull(models);
        return models.Count > 0 && models.All(m => m.Counters.Count is >= 1 and <= ConeDistanceProblem.MaxCounters &&
            m.Count <= ConeDistanceProblem.MaxSignatures && m.Counters.Equals(models[0].Counters));
    }

    /// <summary>Measures every observation against every model.</summary>
    /// <param name="device">Where to compute: the cpu device, or one with double precision.</param>
    /// <param name="models">Signatures of the models.</param>
    /// <param name="regions">Means and covariances of the observations.</param>
    /// <param name="cancellation">Checked between launches, and between tasks on the cpu device.</param>
    /// <exception cref="ArgumentException">Models do not fit (<see cref="Fits"/>), or an observation has other counters; names it.</exception>
    /// <exception cref="NotSupportedException">The device has no double precision.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public static BatchedDistances Measure(
        Device device, IReadOnlyList<SignatureSet> models, IReadOnlyList<MeanRegion> regions, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(device);
        using var team = new HostTeam(device);
        return Measure(device, team, models, regions, cancellation);
    }

    internal static BatchedDistances Measure(
        Device device, HostTeam team, IReadOnlyList<SignatureSet> models, IReadOnlyList<MeanRegion> regions, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(regions);
        if (!Fits(models))
        {
            throw new ArgumentException(
                $"Expected at least one model, all of the same 1 to {ConeDistanceProblem.MaxCounters} counters, with at most " +
                $"{ConeDistanceProblem.MaxSignatures} signatures each. Measure others one by one with {nameof(ConeDistance)}.", nameof(models));
        }

        CounterSet counters = models[0].Counters;
        for (int b = 0; b < regions.Count; b++)
            if (!regions[b].Counters.Equals(counters))
                throw new ArgumentException(
                    $"Region {b} has other counters than the models. Expected those of the models, in their order.", nameof(regions));

        int p = counters.Count, n = Math.Max(1, models.Max(m => m.Count));
        var result = new BatchedDistances(regions.Count, models, p, n);
        double[] signatures = Signatures(models, p, n);
        int[] counts = [.. models.Select(m => m.Count)];
        int chunk = (int)Math.Clamp(MostWeights / ((long)models.Count * Math.Max(n, p)), 1, Math.Max(1, regions.Count));
        for (int start = 0; start < regions.Count; start += chunk)
        {
            cancellation.ThrowIfCancellationRequested();
            int size = Math.Min(chunk, regions.Count - start);
            var problem = new ConeDistanceProblem(DType.Float64, size, models.Count, p, n, hasCounts: true, ConeDistanceOutputs.All);
            (double[] factors, double[] means) = Whitening(team, regions, start, size, p, cancellation);
            using var run = new HostRun(ConeDistancePlan.Create(device, problem));
            run.Write<double>(ConeDistanceProblem.Factors, factors);
            run.Write<double>(ConeDistanceProblem.Means, means);
            run.Write<double>(ConeDistanceProblem.Signatures, signatures);
            run.Write<int>(ConeDistanceProblem.Counts, counts);
            run.Launch(cancellation);
            result.Read(run, start, size);
        }

        return result;
    }

    private static double[] Signatures(IReadOnlyList<SignatureSet> models, int p, int n)
    {
        var packed = new double[models.Count * n * p];
        for (int m = 0; m < models.Count; m++)
            for (int j = 0; j < models[m].Count; j++)
                for (int i = 0; i < p; i++) packed[(m * n + j) * p + i] = models[m][j][i];
        return packed;
    }

    /// <summary>W with WᵀW = Σ⁻¹ and the means, in the counters' own units.</summary>
    private static (double[] Factors, double[] Means) Whitening(
        HostTeam team, IReadOnlyList<MeanRegion> regions, int start, int size, int p, CancellationToken cancellation)
    {
        var factors = new double[size * p * p];
        var means = new double[size * p];
        team.Run(size, (b, _) =>
        {
            MeanRegion region = regions[start + b];
            CovarianceFactor.Whiten((double[])region.Covariance.Clone(), region.Scale, factors.AsSpan(b * p * p, p * p));
            for (int k = 0; k < p; k++) means[b * p + k] = region.Mean[k] * region.Scale[k];
        }, cancellation);
        return (factors, means);
    }
}
