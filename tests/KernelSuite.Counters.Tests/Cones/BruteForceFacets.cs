using System.Numerics;
using KernelSuite.Counters.Cones;

namespace KernelSuite.Counters.Tests.Cones;

/// <summary>
/// Facets from their definition: each choice of rank - 1 signatures spans a hyperplane, and it is a facet where all signatures are on one side.
/// Shares no code.
/// </summary>
internal static class BruteForceFacets
{
    /// <summary>For each facet the signatures on it, as a bit mask.</summary>
    public static HashSet<ulong> Of(SignatureSet signatures, int rank)
    {
        var facets = new HashSet<ulong>();
        foreach (int[] chosen in Subsets(signatures.Count, rank - 1))
        {
            if (Rank(signatures, chosen) < rank - 1) continue;
            BigInteger[] normal = NormalWithin(signatures, chosen);
            int[] signs = [.. Enumerable.Range(0, signatures.Count).Select(i => Dot(normal, signatures[i]).Sign)];
            if (signs.Contains(1) && signs.Contains(-1)) continue;
            facets.Add(signs.Select((sign, i) => sign == 0 ? 1UL << i : 0).Aggregate(0UL, (all, bit) => all | bit));
        }

        return facets;
    }

    public static int Rank(SignatureSet signatures, IEnumerable<int> chosen) =>
        Echelon([.. chosen.Select(i => signatures[i].ToArray().Select(v => new BigInteger(v)).ToArray())])
            .Count(static row => row.Any(static v => !v.IsZero));

    private static IEnumerable<int[]> Subsets(int count, int size)
    {
        int[] places = [.. Enumerable.Range(0, size)];
        while (true)
        {
            yield return [.. places];
            int last = size - 1;
            while (last >= 0 && places[last] == count - size + last) last--;
            if (last < 0) yield break;
            places[last]++;
            for (int i = last + 1; i < size; i++) places[i] = places[i - 1] + 1;
        }
    }

    /// <summary>
    /// A vector of the span of all signatures that is orthogonal to the chosen ones: one that is outside of theirs, less its projection.
    /// </summary>
    private static BigInteger[] NormalWithin(SignatureSet signatures, int[] chosen)
    {
        var orthogonal = new List<BigInteger[]>();
        foreach (int i in chosen) orthogonal.Add(Remainder(signatures[i], orthogonal));
        return Enumerable.Range(0, signatures.Count).Select(i => Remainder(signatures[i], orthogonal)).First(rest => rest.Any(static v => !v.IsZero));
    }

    private static BigInteger[] Remainder(ReadOnlySpan<long> signature, List<BigInteger[]> orthogonal)
    {
        BigInteger[] vector = [.. signature.ToArray().Select(v => new BigInteger(v))];
        foreach (BigInteger[] other in orthogonal)
        {
            BigInteger length = Dot(other, other), along = Dot(other, vector);
            for (int c = 0; c < vector.Length; c++) vector[c] = (length * vector[c]) - (along * other[c]);
            BigInteger divisor = vector.Aggregate(BigInteger.Zero, BigInteger.GreatestCommonDivisor);
            for (int c = 0; c < vector.Length && !divisor.IsZero; c++) vector[c] /= divisor;
        }

        return vector;
    }

    private static BigInteger Dot(BigInteger[] a, BigInteger[] b) => a.Zip(b, static (x, y) => x * y).Aggregate(BigInteger.Zero, BigInteger.Add);

    private static BigInteger Dot(BigInteger[] a, ReadOnlySpan<long> b) => Dot(a, [.. b.ToArray().Select(v => new BigInteger(v))]);

    private static BigInteger[][] Echelon(BigInteger[][] rows)
    {
        int done = 0;
        for (int column = 0; rows.Length > 0 && column < rows[0].Length && done < rows.Length; column++)
        {
            int pivot = Array.FindIndex(rows, done, row => !row[column].IsZero);
            if (pivot < 0) continue;
            (rows[done], rows[pivot]) = (rows[pivot], rows[done]);
            for (int r = done + 1; r < rows.Length; r++)
            {
                BigInteger take = rows[r][column], keep = rows[done][column];
                for (int c = 0; c < rows[r].Length; c++) rows[r][c] = (keep * rows[r][c]) - (take * rows[done][c]);
            }

            done++;
        }

        return rows;
    }
}
