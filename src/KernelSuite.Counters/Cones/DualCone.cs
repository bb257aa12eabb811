using System.Numerics;

namespace KernelSuite.Counters.Cones;

/// <summary>
/// Extreme rays of { a : s_i . a &gt;= 0 } for rows s_i of full column rank: the facets of the cone of the s_i, and the other way round.
/// </summary>
internal static class DualCone
{
    /// <summary>The rays, each primitive; null where a bound stopped the enumeration.</summary>
    /// <param name="rows">The rows s_i.</param>
    /// <param name="basis">Places of as many independent rows as there are columns.</param>
    /// <param name="limits">Where to give up.</param>
    /// <param name="cancellation">Ends the enumeration.</param>
    public static IEnumerable<BigInteger[]>? ExtremeRays(BigInteger[][] rows, int[] basis, ConeLimits limits, CancellationToken cancellation)
    {
        if (basis.Length == 0) return [];
        BigInteger[][] dual = DualBasis(rows, basis);
        BigInteger[][] start = [.. dual.Select(ray => Array.ConvertAll(rows, row => Dot(row, ray)))];
        BigInteger[] own = [.. start.Select((slacks, j) => slacks[basis[j]])];
        foreach (BigInteger[] slacks in start) IntegerVector.MakePrimitive(slacks);

        // A ray is the sum over j of its slack on the j-th basis row, over the dual ray's own, times that dual ray.
        BigInteger common = own.Aggregate(BigInteger.One, static (all, o) => all / BigInteger.GreatestCommonDivisor(all, o) * o);
        return Slacks(start, basis, limits, cancellation)?.Select(slacks =>
        {
            var ray = new BigInteger[basis.Length];
            for (int j = 0; j < basis.Length; j++)
            {
                BigInteger share = slacks[basis[j]] * (common / own[j]);
                if (share.IsZero) continue;
                for (int c = 0; c < ray.Length; c++) ray[c] += share * dual[j][c];
            }

            IntegerVector.MakePrimitive(ray);
            return ray;
        });
    }

    /// <summary>64-bit numbers are enough for most models; a case that overflows them starts anew with wider ones.</summary>
    private static IEnumerable<BigInteger[]>? Slacks(BigInteger[][] start, int[] basis, ConeLimits limits, CancellationToken cancellation)
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
            new DoubleDescription<T>(start, basis, limits, cancellation).Run()?.Select(ray => Array.ConvertAll(ray, value => widen(value)));
    }

    /// <summary>
    /// For each basis row the vector that is zero on all others of them and positive on it: the columns of the inverse, made primitive.
    /// </summary>
    private static BigInteger[][] DualBasis(BigInteger[][] rows, int[] basis)
    {
        int rank = basis.Length;
        var elimination = new Elimination();

        // [ B^T | I ] becomes [ D | D B^-T ].
        for (int c = 0; c < rank; c++)
        {
            var row = new BigInteger[2 * rank];
            for (int i = 0; i < rank; i++) row[i] = rows[basis[i]][c];
            row[rank + c] = BigInteger.One;
            if (!elimination.TryAdd(row, rank)) throw new ConeVerificationException("The rows that a dual cone starts from are not independent.");
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

    private static BigInteger Dot(BigInteger[] a, BigInteger[] b)
    {
        BigInteger sum = BigInteger.Zero;
        for (int i = 0; i < a.Length; i++)
        {
            if (!a[i].IsZero) sum += a[i] * b[i];
        }

        return sum;
    }
}
