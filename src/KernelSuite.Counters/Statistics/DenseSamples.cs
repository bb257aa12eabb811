using KernelSuite.Operations.Counters.Moments;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Counters.Statistics;

/// <summary>An observation among samples that lie in memory.</summary>
/// <param name="Id">What names the setting.</param>
/// <param name="Samples">How many samples it has, 1 or more; those of an observation follow one another in order of time.</param>
/// <param name="Group">What tells runs with shuffled counter groups apart; null where there is one run.</param>
public readonly record struct DenseObservation(string Id, int Samples, string? Group = null);

/// <summary>
/// Observations from samples that are all in memory, many in one launch of the operation counter_moments: what an <see cref="ObservationBuilder"/>
/// makes of each, up to rounding. Autocorrelation is told on the threads of the host, as it needs the samples in their order.
/// </summary>
/// <remarks>
/// Samples that come one after another, as from a file, belong in an <see cref="ObservationBuilder"/>: its memory does not grow with them, and
/// moments are a twentieth of what reading them takes.
/// </remarks>
/// <example><code>
/// using Device device = Device.Open("cpu");
/// IReadOnlyList&lt;Observation&gt; seen = DenseSamples.Observe(device, counters, samples, [new("bfs", 1000), new("gups", 500)]);
/// </code></example>
public static class DenseSamples
{
    /// <summary>Values of a launch: 32 MiB. An observation that has more is a launch by itself.</summary>
    private const int MostValues = 1 << 22;

    /// <summary>Summarises all samples.</summary>
    /// <param name="device">What computes the moments: the cpu device, or one with double precision.</param>
    /// <param name="counters">The counters of every sample; at least one.</param>
    /// <param name="samples">Row-major [samples, counters]: the first observation's, then the next one's. A sample that lacks a counter, marked by
    /// <see cref="double.NaN"/>, is left out and counted.</param>
    /// <param name="observations">The observations in the samples' order.</param>
    /// <param name="cancellation">Checked between launches and between observations.</param>
    /// <returns>An observation for each, in their order.</returns>
    /// <exception cref="ArgumentException">Numbers of samples do not add up, or a value is infinite or too large.</exception>
    /// <exception cref="InvalidOperationException">An observation has no complete sample.</exception>
    /// <exception cref="NotSupportedException">The device has no double precision.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public static IReadOnlyList<Observation> Observe(
        Device device, CounterSet counters, ReadOnlyMemory<double> samples, IReadOnlyList<DenseObservation> observations,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(counters);
        ArgumentNullException.ThrowIfNull(observations);
        int p = counters.Count;
        if (p == 0) throw new ArgumentException("There are no counters. Expected at least one.", nameof(counters));
        long total = 0;
        foreach (DenseObservation one in observations)
        {
            ArgumentNullException.ThrowIfNull(one.Id, nameof(observations));
            if (one.Samples < 1)
                throw new ArgumentException($"'{one.Id}' has {one.Samples} samples. Expected at least one.", nameof(observations));
            total += one.Samples;
        }

        if (total * p != samples.Length)
            throw new ArgumentException(
                $"There are {samples.Length} values. Expected {total * p}, {total} samples of {p} counters.", nameof(samples));
        using var team = new HostTeam(device);
        var results = new Observation[observations.Count];
        int start = 0;
        for (int first = 0, last; first < results.Length; first = last)
        {
            int rows = observations[first].Samples;
            for (last = first + 1; last < results.Length && ((long)rows + observations[last].Samples) * p <= MostValues; last++)
                rows += observations[last].Samples;
            ReadOnlyMemory<double> some = samples.Slice(start * p, rows * p);
            Summarise(device, team, counters, some, observations, first, results.AsMemory(first, last - first), cancellation);
            start += rows;
        }

        return results;
    }

    private static void Summarise(
        Device device, HostTeam team, CounterSet counters, ReadOnlyMemory<double> samples, IReadOnlyList<DenseObservation> observations, int first,
        Memory<Observation> results, CancellationToken cancellation)
    {
        int p = counters.Count, count = results.Length;
        var offsets = new int[count + 1];
        for (int b = 0; b < count; b++) offsets[b + 1] = offsets[b] + observations[first + b].Samples;
        double[] means = [], covariances = [];
        if (p <= CounterMomentsProblem.MaxCounters)
        {
            means = new double[count * p];
            covariances = new double[count * p * p];
            using var run = new HostRun(CounterMomentsPlan.Create(device, new CounterMomentsProblem(offsets[count], p, count)));
            run.Write(CounterMomentsProblem.Samples, samples.Span);
            run.Write<int>(CounterMomentsProblem.Offsets, offsets);
            run.Launch(cancellation);
            run.Read<double>(CounterMomentsProblem.Means, means);
            run.Read<double>(CounterMomentsProblem.Covariances, covariances);
        }

        team.Run(count, (b, _) =>
        {
            ReadOnlySpan<double> own = samples.Span[(offsets[b] * p)..(offsets[b + 1] * p)];
            DenseObservation one = observations[first + b];

            // Few samples are shrunk, which needs them all; gaps and values out of range are the builder's to count or refuse.
            results.Span[b] = means.Length == 0 || one.Samples <= p + 1 || !SampleMoments.IsUsable(own)
                ? Build(one, counters, own)
                : Observe(one, counters, own, SampleMoments.FromCovariance(
                    one.Samples, means.AsSpan(b * p, p), covariances.AsSpan(b * p * p, p * p)).Freeze());
        }, cancellation);
    }

    private static Observation Observe(DenseObservation one, CounterSet counters, ReadOnlySpan<double> samples, SampleMoments moments)
    {
        var series = new SeriesRecorder(counters.Count);
        for (int at = 0; at < samples.Length; at += counters.Count) series.Add(samples.Slice(at, counters.Count));
        return new Observation(one.Id, counters, moments, one.Group) { Series = series.Diagnose(moments) }.WithWarnings();
    }

    private static Observation Build(DenseObservation one, CounterSet counters, ReadOnlySpan<double> samples)
    {
        var builder = new ObservationBuilder(one.Id, counters, one.Group);
        for (int at = 0; at < samples.Length; at += counters.Count) builder.Add(samples.Slice(at, counters.Count));
        return builder.Build();
    }
}
