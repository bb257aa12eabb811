using System.Numerics;
using KernelSuite.Counters.Cones;

namespace KernelSuite.Counters.Refinement;

/// <summary>
/// A constraint w · v ≤ 0 that an observation breaks, and which signatures break it too. Remembers the sign of w · s of each signature.
/// </summary>
internal sealed class KnownRow
{
    private readonly SignaturePool pool;
    private readonly List<sbyte> signs = [];

    /// <summary>Takes a row over some of the pool's counters.</summary>
    public KnownRow(SignaturePool pool, CounterSet counters, IReadOnlyList<BigInteger> coefficients, string observation)
    {
        (this.pool, Observation) = (pool, observation);
        var row = new BigInteger[pool.Counters.Count];
        for (int i = 0; i < counters.Count; i++)
            if (!coefficients[i].IsZero) row[pool.Counters.IndexOf(counters[i])] = coefficients[i];
        Row = new ConeRow(pool.Counters, row, isEquality: false);
    }

    public ConeRow Row { get; }

    public string Observation { get; }

    /// <summary>Whether a signature has w · s &gt; 0, so that a model that has it may explain the observation.</summary>
    public bool IsBrokenBy(int id)
    {
        while (signs.Count <= id) signs.Add(sbyte.MinValue);
        if (signs[id] == sbyte.MinValue) signs[id] = (sbyte)Row.Evaluate(pool[id].AsSpan()).Sign;
        return signs[id] > 0;
    }

    /// <summary>Whether the row holds for every signature of a set, so that the observation refutes it.</summary>
    public bool HoldsFor(int[] ids)
    {
        foreach (int id in ids)
            if (IsBrokenBy(id)) return false;
        return true;
    }
}
