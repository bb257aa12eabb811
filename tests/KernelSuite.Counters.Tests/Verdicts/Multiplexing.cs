using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Tests.Statistics;

namespace KernelSuite.Counters.Tests.Verdicts;

/// <summary>
/// Samples as a multiplexed measurement makes them: each interval has slots, in each of which one group of counters counts and stands for all slots;
/// programs go through phases, log-normal and autoregressive, common to all paths and of each path; paths are Poisson. The model is a small
/// memory-management unit: micro-ops that hit a first-level TLB, a second-level one, or walk with one to three loads.
/// </summary>
internal sealed class Multiplexing(int seed, double extra)
{
    public static readonly CounterSet Counters = new(
        ["loads", "stores", "miss_loads", "miss_stores", "stlb_hit", "stlb_hit_4k", "stlb_hit_2m", "walks", "walk_4k", "walk_2m", "pde_miss",
            "walker_loads"]);

    public static readonly SignatureSet Model = new(Counters, Paths());

    private const int Slots = 30;
    private const int Groups = 3;

    // Neither walks nor what adds up to them are all counted together with pde_miss: its bound is only known up to noise.
    private static readonly int[] Group = [0, 0, 1, 1, 0, 1, 1, 0, 1, 2, 2, 2];

    // A walk cannot miss the page-directory cache twice: breaks pde_miss <= walks, by this share of all walks where every walk misses.
    private static readonly long[] Extra = [.. Counters.Select(name => name == "pde_miss" ? 1L : 0)];

    private readonly Random random = new(seed);

    public Observation Observe(int samples)
    {
        long[][] paths = [.. Paths()];
        int pde = Counters.IndexOf("pde_miss"), walks = Counters.IndexOf("walks");

        // Every walk misses, so that the broken row is tight where the model is true.
        double[] rates = [.. paths.Select(path => (path[walks] > path[pde] ? 0 : path[walks] > 0 ? 200 : 2000) * (1 + random.NextDouble()))];
        double walking = paths.Zip(rates, (path, rate) => path[walks] * rate).Sum();
        paths = [.. paths, Extra];
        rates = [.. rates, extra * walking];
        var own = new double[paths.Length];
        double common = 0;
        var builder = new ObservationBuilder("simulated", Counters);
        var sample = new double[Counters.Count];
        for (int n = 0; n < samples; n++)
        {
            Array.Clear(sample);
            for (int slot = 0; slot < Slots; slot++)
            {
                common = Next(common, .98);
                for (int j = 0; j < paths.Length; j++)
                {
                    own[j] = Next(own[j], .9);
                    double items = Poisson(rates[j] * Math.Exp(.4 * common + .1 * own[j]));
                    for (int i = 0; i < sample.Length; i++)
                        if (Group[i] == slot % Groups) sample[i] += Groups * items * paths[j][i];
                }
            }

            builder.Add(sample);
        }

        return builder.Build();
    }

    private static IEnumerable<long[]> Paths()
    {
        foreach (int store in (int[])[0, 1])
        {
            yield return Path(store, 0, 0, 0, 0, 0);
            foreach (int large in (int[])[0, 1])
            {
                yield return Path(store, 1, large, 0, 0, 0);
                foreach (int miss in (int[])[0, 1])
                    foreach (int loads in (int[])[1 + miss, 2 + miss]) yield return Path(store, 0, large, 1, miss, loads);
            }
        }
    }

    private static long[] Path(int store, int hit, int large, int walk, int pdeMiss, int loads) =>
    [
        1 - store, store, (hit + walk) * (1 - store), (hit + walk) * store, hit, hit * (1 - large), hit * large,
        walk, walk * (1 - large), walk * large, pdeMiss, loads,
    ];

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

    private double Normal() => ObservationTests.Gaussian(random);
}
