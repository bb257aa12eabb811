using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Tests.Samples;

namespace KernelSuite.Counters.Tests.Verdicts;

/// <summary>
/// Samples as a multiplexed measurement of the Haswell base model makes them: 23 counters in six groups of three or four, of which one counts in
/// each of 60 slots of an interval and stands for all slots; a program that goes through phases, log-normal and autoregressive from slot to slot,
/// common to all paths and of each path; Poisson numbers of items. The mix of paths is drawn once an instance.
/// </summary>
/// <param name="seed">Of the mix and of all noise.</param>
/// <param name="excess">0 where the model is true. Otherwise the share by which one row is exceeded on average.</param>
internal sealed class Multiplexing(int seed, double excess = 0)
{
    public static readonly CounterSet Counters = CounterSamples.Counters("haswell/counters-23.txt");
    public static readonly SignatureSet Model = CounterSamples.Model("haswell/base.fdl").Enumerate().Signatures.On(Counters);
    public static readonly ModelCone Cone = ModelCone.Of(Model);

    public const int Slots = 60;
    public const int Groups = 6;
    private const int GroupSize = 4;

    // Standard deviations of the logarithm of a rate.
    private const double CommonPhase = .4, OwnPhase = .1, Mix = 1;

    // Items per slot of a typical path.
    private const double Hits = 500, Walks = 100;

    private readonly Random random = new(seed);
    private (long[][] Paths, double[] Rates)? program;
    private double[]? own;
    private double common, start;
    private double? spare;

    /// <summary>Correlation of the common phase from slot to slot.</summary>
    public double Follow { get; init; } = .98;

    /// <summary>Amplitude of a period of the program that is as long as one rotation of the groups, as a share of all rates.</summary>
    public double Locked { get; init; }

    /// <summary>Probability of each path to be taken at all: with few of them many rows hold with equality.</summary>
    public double Taken { get; init; } = 1;

    /// <summary>
    /// Measures; the program goes on where it was. With an order, all intervals have the groups in that one; with null each interval has its own.
    /// </summary>
    public Observation Observe(int samples, int[]? order, string? run = null)
    {
        (long[][] paths, double[] rates) = program ??= Draw();
        var builder = new ObservationBuilder("simulated", Counters, run);
        var sample = new double[Counters.Count];
        own ??= new double[paths.Length];
        for (int n = 0; n < samples; n++)
        {
            Array.Clear(sample);
            int[] groups = order ?? Shuffled();
            for (int slot = 0; slot < Slots; slot++)
            {
                common = Next(common, Follow);
                int first = groups[slot % Groups] * GroupSize, last = Math.Min(first + GroupSize, sample.Length);
                double phase = (1 + Locked * Math.Sin(2 * Math.PI * slot / Groups + start)) * Math.Exp(CommonPhase * common);
                for (int j = 0; j < paths.Length; j++)
                {
                    own[j] = Next(own[j], .9);
                    if (paths[j].AsSpan(first, last - first).IndexOfAnyExcept(0) < 0) continue;
                    double items = Poisson(rates[j] * phase * Math.Exp(OwnPhase * own[j]));
                    for (int i = first; i < last; i++) sample[i] += Groups * items * paths[j][i];
                }
            }

            builder.Add(sample);
        }

        return builder.Build();
    }

    /// <summary>An order of the groups.</summary>
    public int[] Shuffled()
    {
        int[] order = [.. Enumerable.Range(0, Groups)];
        random.Shuffle(order);
        return order;
    }

    private (long[][] Paths, double[] Rates) Draw()
    {
        long[][] paths = [.. Enumerable.Range(0, Model.Count).Select(j => Model[j].ToArray())];
        int[] walks = [Counters.IndexOf("dtlb_load_misses.miss_causes_a_walk"), Counters.IndexOf("dtlb_store_misses.miss_causes_a_walk")];
        double[] rates = [.. paths.Select(path => (walks.Any(i => path[i] > 0) ? Walks : Hits) * Math.Exp(Mix * Normal()))];
        for (int j = 0; j < rates.Length && Taken < 1; j++)
            if (random.NextDouble() > Taken) rates[j] = 0;
        start = 2 * Math.PI * random.NextDouble();
        if (excess == 0) return (paths, rates);
        (long[] tick, double rate) = SmallestExtra(paths, rates);
        return ([.. paths, tick], [.. rates, rate]);
    }

    /// <summary>
    /// Of all paths that tick one counter, the rarest that makes some row's left side exceed its right side by the share asked for. Counters of
    /// equalities are left out: those would break as well.
    /// </summary>
    private (long[] Tick, double Rate) SmallestExtra(long[][] paths, double[] rates)
    {
        double[] mean = [.. Counters.Select((_, i) => paths.Zip(rates, (path, rate) => path[i] * rate).Sum())];
        int counter = -1;
        double least = double.PositiveInfinity;
        foreach (ConeRow row in Cone.Inequalities)
        {
            double[] a = row.ToDoubles();
            double left = a.Zip(mean, (c, m) => Math.Max(c, 0) * m).Sum(), right = a.Zip(mean, (c, m) => Math.Max(-c, 0) * m).Sum();
            for (int i = 0; i < a.Length; i++)
            {
                if (!(a[i] > 0) || Cone.Equalities.Any(equality => !equality.Coefficients[i].IsZero)) continue;
                double rate = ((1 + excess) * right - left) / a[i];
                if (rate < least) (counter, least) = (i, rate);
            }
        }

        return ([.. Counters.Select((_, i) => i == counter ? 1L : 0)], least);
    }

    private double Next(double state, double follow) => follow * state + Math.Sqrt(1 - follow * follow) * Normal();

    // Above a mean of 40 the normal approximation is within what rounding to counts does.
    private double Poisson(double mean)
    {
        if (mean > 40) return Math.Max(Math.Round(mean + Math.Sqrt(mean) * Normal()), 0);
        double product = random.NextDouble(), limit = Math.Exp(-mean);
        int count = 0;
        for (; product > limit; count++) product *= random.NextDouble();
        return count;
    }

    // Two at a time, after Box and Muller: drawing them is most of a trial's time.
    private double Normal()
    {
        if (spare is { } kept)
        {
            spare = null;
            return kept;
        }

        double length = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
        (double sine, double cosine) = Math.SinCos(2 * Math.PI * random.NextDouble());
        spare = length * sine;
        return length * cosine;
    }
}
