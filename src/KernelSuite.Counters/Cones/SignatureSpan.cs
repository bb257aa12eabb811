using System.Numerics;

namespace KernelSuite.Counters.Cones;

/// <summary>
/// The linear span of signatures: independent ones among them, coordinates that tell its vectors apart, and the equalities that hold on it.
/// </summary>
internal sealed class SignatureSpan
{
    private SignatureSpan(int[] independent, int[] coordinates, List<BigInteger[]> nullSpace)
    {
        Independent = independent;
        Coordinates = coordinates;
        NullSpace = nullSpace;
    }

    /// <summary>Places of signatures that form a basis of the span.</summary>
    public int[] Independent { get; }

    /// <summary>Counters, in their order, on which the span has all its dimensions.</summary>
    public int[] Coordinates { get; }

    /// <summary>Primitive rows that are zero on every signature.</summary>
    public List<BigInteger[]> NullSpace { get; }

    public int Rank => Independent.Length;

    /// <summary>
    /// Picks independent signatures modulo a prime, then eliminates only these in exact arithmetic. Every other signature is put into the
    /// equalities found:
    /// one that breaks them was independent after all and joins, so the result does not rest on the prime.
    /// </summary>
    public static SignatureSpan Of(SignatureSet signatures, CancellationToken cancellation)
    {
        int columns = signatures.Counters.Count;
        var modular = new ModularSpan(columns);
        var exact = new Elimination();
        var independent = new List<int>();
        for (int i = 0; i < signatures.Count && exact.Rank < columns; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!modular.TryAdd(signatures[i])) continue;
            exact.TryAdd(IntegerVector.From(signatures[i]), columns);
            independent.Add(i);
        }

        while (true)
        {
            List<BigInteger[]> basis = exact.NullSpace(columns);
            if (FindOutside(signatures, basis, cancellation) is not { } outside)
                return new([.. independent.Order()], [.. exact.Pivots.Order()], basis);
            exact.TryAdd(IntegerVector.From(signatures[outside]), columns);
            independent.Add(outside);
        }
    }

    private static int? FindOutside(SignatureSet signatures, List<BigInteger[]> nullSpace, CancellationToken cancellation)
    {
        ConeRow[] rows = [.. nullSpace.Select(row => new ConeRow(signatures.Counters, row, isEquality: true))];
        for (int i = 0; i < signatures.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (ConeRow row in rows)
            {
                if (!row.Holds(signatures[i])) return i;
            }
        }

        return null;
    }
}
