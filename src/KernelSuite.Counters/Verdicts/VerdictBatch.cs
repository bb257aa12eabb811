using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Operations.Counters.Distance;
using KernelSuite.Runtime;

namespace KernelSuite.Counters.Verdicts;

/// <summary>
/// Tests many observations against a model: distances on a device, a chunk of observations a launch, and the rest of each verdict on all threads of
/// the host. What a batch does not cover (more counters or signatures than cone_distance takes, exact observations, a distance that was not solved,
/// or that does not fit the mean) is solved for one by one, in the same verdict.
/// </summary>
internal sealed class VerdictBatch : IDisposable
{
    /// <summary>
    /// Runs from which on all threads of the host take part: two threads took 1.3 ms rather than 2.0 for 64 observations of 23 counters and 44
    /// signatures, and 0.62 rather than 0.61 for 16. On the cpu device each thread solves its own distances, which takes 6.5 of the 45 to 65 µs of a
    /// verdict: the report is the same to the last bit, and cone_distance there, with whitening factors to make and move, took 1.9 ms.
    /// </summary>
    private const int FewestOnHost = 64;

    /// <summary>Runs from which on distances come from another device: making cone_distance ready takes 5 ms of pocl, as 100 verdicts do.</summary>
    private const int FewestOnDevice = 256;

    /// <summary>Runs that are tested together: their regions and whitening factors take 9 MiB for 23 counters, 70 MiB for 64.</summary>
    private const int Chunk = 1024;

    // Verdicts whose p-value lies so near to the level that a device's rounding could turn them are solved for one by one.
    private const double Near = 1e-4;

    private readonly Device device;
    private readonly int fewest;
    private readonly bool onDevice;
    private HostTeam? team;
    private ConeTest? current;
    private ConeTest?[] workers = [];

    /// <summary>Takes a device.</summary>
    /// <param name="device">The device; it stays the caller's.</param>
    /// <param name="fewest">Runs from which on a batch is used; null for what was measured.</param>
    /// <param name="onDevice">
    /// Whether distances come from the device, else each thread of the host solves its own; null for what was measured.
    /// </param>
    /// <exception cref="NotSupportedException">The device has no double precision.</exception>
    public VerdictBatch(Device device, int? fewest = null, bool? onDevice = null)
    {
        Require(device.Info);
        this.device = device;
        this.onDevice = onDevice ?? device.Info.Language != DeviceLanguage.Managed;
        this.fewest = fewest ?? (this.onDevice ? FewestOnDevice : FewestOnHost);
    }

    /// <summary>Refuses a device that cone_distance cannot run on in double precision.</summary>
    /// <exception cref="NotSupportedException">The device has no double precision.</exception>
    public static void Require(DeviceInfo device)
    {
        var probe = new ConeDistanceProblem(DType.Float64, 1, 1, 1, 1, hasCounts: true, ConeDistanceOutputs.All);
        if (ConeDistanceOperation.Instance.Supports(device, probe) is { IsSupported: false } no)
            throw new NotSupportedException($"{device.Id} cannot test observations: {no.Reason}");
    }

    /// <summary>Whether so many runs are worth a batch.</summary>
    public bool Takes(int runs) => runs >= fewest;

    /// <summary>What measures observations on the device: a test puts answers in its place that no device of its own gives.</summary>
    public Func<Device, HostTeam, IReadOnlyList<SignatureSet>, IReadOnlyList<MeanRegion>, CancellationToken, BatchedDistances> Distances
    {
        get;
        init;
    }
    = BatchedConeDistance.Measure;

    /// <summary>Distances that the device gave and that hold.</summary>
    public long FromDevice { get; private set; }

    /// <summary>Tests runs of observations; results in their order.</summary>
    public VerdictResult[] Check(ConeTest test, IReadOnlyList<TestedRuns> runs, CancellationToken cancellation)
    {
        team ??= new HostTeam(device);
        if (!ReferenceEquals(test, current)) (current, workers) = (test, new ConeTest?[team.Threads]);
        double level = 1 - test.Options.Confidence;
        var results = new VerdictResult[runs.Count];
        for (int start = 0; start < runs.Count; start += Chunk)
        {
            int first = start, size = Math.Min(Chunk, runs.Count - start);
            MeasuredRegions? known = onDevice ? Measure(team, test, runs.Skip(first).Take(size), cancellation) : null;
            team.Run(size, (i, worker) =>
            {
                ConeTest own = workers[worker] ??= new ConeTest(test.Signatures, test.Options, test.Rows);
                VerdictResult result = own.CheckRuns(runs[first + i], known);
                results[first + i] = known is not null && Math.Abs(result.PValue - level) <= Near * level ? own.CheckRuns(runs[first + i]) : result;
            }, cancellation);
        }

        return results;
    }

    public void Dispose() => team?.Dispose();

    private MeasuredRegions Measure(HostTeam team, ConeTest test, IEnumerable<TestedRuns> runs, CancellationToken cancellation)
    {
        var known = new MeasuredRegions();
        foreach (IGrouping<CounterSet, Observation> same in runs.SelectMany(r => r.Distances).Where(o => !o.IsExact).GroupBy(o => o.Counters))
        {
            Observation[] observations = [.. same];
            MeasuredModel model = test.On(same.Key);
            if (model.Signatures is not { } signatures || !Takes(observations.Length) || !BatchedConeDistance.Fits([signatures])) continue;
            var regions = new MeanRegion[observations.Length];
            var nearest = new NearestPoint?[observations.Length];
            team.Run(regions.Length, (i, _) => regions[i] = MeanRegion.Of(observations[i], model.Counters), cancellation);
            BatchedDistances distances = Distances(device, team, [signatures], regions, cancellation);
            team.Run(regions.Length, (i, _) => nearest[i] = NearestPoint.Of(distances, i, regions[i], signatures), cancellation);
            for (int i = 0; i < regions.Length; i++) known.Add(observations[i], regions[i], nearest[i]);
            FromDevice += nearest.Count(n => n is not null);
        }

        return known;
    }
}
