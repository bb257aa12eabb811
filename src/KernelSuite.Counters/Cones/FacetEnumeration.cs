using System.Numerics;

namespace KernelSuite.Counters.Cones;

/// <summary>The facets of the cone of signatures, by double description of its dual in the coordinates of the span.</summary>
internal static class FacetEnumeration
{
    /// <summary>
    /// Rows a with a . v &lt;= 0 on the cone, over all counters and zero outside of the coordinates of the span; null where a bound stopped the enumeration.
    /// </summary>
    public static List<BigInteger[]>? Facets(SignatureSet signatures, SignatureSpan span, ConeLimits limits, CancellationToken cancellation)
    {
        int rank = span.Rank;
        if (rank == 0) return [];
        BigInteger[][] dual = DualBasis(signatures, span);
        BigInteger[][] slacks = [.. dual.Select(ray => Slacks(signatures, span, ray))];
        BigInteger[] own = [.. slacks.Select((s, j) => s[span.Independent[j]])];
        BigInteger[][] start = [.. slacks.Select(s => (BigInteger[])s.Clone())];
        foreach (BigInteger[] s in start) IntegerVector.MakePrimitive(s);

        // A ray is the sum over j of its slack on the j-th basis signature, over the dual ray's own, times that dual ray.
        BigInteger common = own.Aggregate(BigInteger.One, static (all, o) => all / BigInteger.GreatestCommonDivisor(all, o) * o);
        return RaysOf(start, span, limits, cancellation)?.Select(ray =>
        {
            var row = new BigInteger[signatures.Counters.Count];
            for (int j = 0; j < rank; j++)
            {
                BigInteger share = -ray[span.Independent[j]] * (common / own[j]);
                if (share.IsZero) continue;
                for (int c = 0; c < rank; c++) row[span.Coordinates[c]] += share * dual[j][c];
            }

            IntegerVector.MakePrimitive(row);
            return row;
        }).ToList();
    }

    /// <summary>64-bit numbers are enough for most models; a case that overflows starts anew with wider ones.</summary>
    private static IEnumerable<BigInteger[]>? RaysOf(BigInteger[][] start, SignatureSpan span, ConeLimits limits, CancellationToken cancellation)
    {
        try
        {
            return Run<long>(static value => value);
        }
        catch (OverflowException)
        {
            try
            {
                return Run<Int128>(static value => value);
            }
            catch (OverflowException)
            {
                return Run<BigInteger>(static value => value);
            }
        }

        IEnumerable<BigInteger[]>? Run<T>(Func<T, BigInteger> widen)
            where T : struct, IBinaryInteger<T> =>
            new DoubleDescription<T>(span.Rank, start, span.Independent, limits, cancellation).Run()?.Select(ray => Array.ConvertAll(ray, value => widen(value)));
    }

    /// <summary>For each independent signature the vector that is zero on all others of them and positive on it: the columns of the inverse, made primitive.</summary>
    private static BigInteger[][] DualBasis(SignatureSet signatures, SignatureSpan span)
    {
        int rank = span.Rank;
        var elimination = new Elimination();

        // Rows are the coordinates, right of them the identity: [ B^T | I ] becomes [ D | D B^-T ].
        for (int c = 0; c < rank; c++)
        {
            var row = new BigInteger[2 * rank];
            for (int i = 0; i < rank; i++) row[i] = signatures[span.Independent[i]][span.Coordinates[c]];
            row[rank + c] = BigInteger.One;
            if (!elimination.TryAdd(row, rank)) throw new ConeVerificationException("The basis of the signatures' span is not one.");
        }

        var dual = new BigInteger[rank][];
        for (int r = 0; r < rank; r++)
        {
            BigInteger[] ray = elimination.Rows[r][rank..];
            IntegerVector.MakePrimitive(ray);
            dual[elimination.Pivots[r]] = ray;
        }

        return dual;
    }

    private static BigInteger[] Slacks(SignatureSet signatures, SignatureSpan span, BigInteger[] ray)
    {
        var slacks = new BigInteger[signatures.Count];
        for (int i = 0; i < slacks.Length; i++)
        {
            ReadOnlySpan<long> signature = signatures[i];
            for (int c = 0; c < ray.Length; c++) slacks[i] += ray[c] * signature[span.Coordinates[c]];
        }

        return slacks;
    }
}
