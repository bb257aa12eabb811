using KernelSuite.Counters.Cones;

namespace KernelSuite.Counters.Tests.Cones;

/// <summary>Signatures from a fixed seed.</summary>
internal static class RandomCones
{
    public static CounterSet Names(int count) => new(Enumerable.Range(0, count).Select(i => $"c{i}"));

    /// <summary>Each entry is zero with a probability, else 1 to a bound.</summary>
    public static SignatureSet Sparse(Random random, int counters, int signatures, double zeros, long most) =>
        new(Names(counters), Enumerable.Range(0, signatures)
            .Select(_ => Enumerable.Range(0, counters).Select(_ => random.NextDouble() < zeros ? 0L : random.NextInt64(1, most + 1)).ToArray()));

    /// <summary>
    /// As a flow program gives them: each counter ticks with what one outcome of one of a few independent decisions says, and some are totals of
    /// two others.
    /// </summary>
    public static SignatureSet Flow(Random random, int counters, int decisions, int outcomes, int totals, int signatures)
    {
        int free = counters - totals;
        int[] decision = [.. Enumerable.Range(0, free).Select(_ => random.Next(decisions))],
            outcome = [.. Enumerable.Range(0, free).Select(_ => random.Next(outcomes))];
        (int First, int Second)[] parts = [.. Enumerable.Range(0, totals).Select(_ => (random.Next(free), random.Next(free)))];
        return new(Names(counters), Enumerable.Range(0, signatures).Select(_ =>
        {
            int[] choice = [.. Enumerable.Range(0, decisions).Select(_ => random.Next(outcomes))];
            long[] ticks = [.. Enumerable.Range(0, free).Select(c => choice[decision[c]] == outcome[c] ? 1L : 0L)];
            return (long[])[.. ticks, .. parts.Select(p => ticks[p.First] + ticks[p.Second])];
        }));
    }

    public static long[] Point(Random random, int counters, long most) =>
        [.. Enumerable.Range(0, counters).Select(_ => random.NextInt64(0, most + 1))];
}
