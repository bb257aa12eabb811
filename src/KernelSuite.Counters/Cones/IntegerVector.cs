using System.Numerics;

namespace KernelSuite.Counters.Cones;

/// <summary>Exact vectors of whole numbers.</summary>
internal static class IntegerVector
{
    /// <summary>Divides by the greatest common divisor; false where all entries are zero.</summary>
    public static bool MakePrimitive(Span<BigInteger> vector)
    {
        BigInteger divisor = BigInteger.Zero;
        foreach (BigInteger entry in vector)
        {
            divisor = BigInteger.GreatestCommonDivisor(divisor, entry);
            if (divisor.IsOne) return true;
        }

        if (divisor.IsZero) return false;
        foreach (ref BigInteger entry in vector) entry /= divisor;
        return true;
    }

    public static void Negate(Span<BigInteger> vector)
    {
        foreach (ref BigInteger entry in vector) entry = -entry;
    }

    /// <summary>
    /// Takes <paramref name="row"/> times a positive number minus a multiple of <paramref name="pivot"/> so that the entry at a column becomes
    /// zero.
    /// </summary>
    /// <remarks>The pivot's entry there is not zero. The direction of the row stays: an inequality remains one. The result is primitive.</remarks>
    public static BigInteger[] Eliminate(ReadOnlySpan<BigInteger> row, ReadOnlySpan<BigInteger> pivot, int column)
    {
        BigInteger divisor = BigInteger.GreatestCommonDivisor(row[column], pivot[column]);
        BigInteger keep = BigInteger.Abs(pivot[column]) / divisor, take = row[column] * pivot[column].Sign / divisor;
        var result = new BigInteger[row.Length];
        for (int i = 0; i < result.Length; i++) result[i] = pivot[i].IsZero ? keep * row[i] : (keep * row[i]) - (take * pivot[i]);
        MakePrimitive(result);
        return result;
    }

    public static BigInteger[] From(ReadOnlySpan<long> vector)
    {
        var result = new BigInteger[vector.Length];
        for (int i = 0; i < result.Length; i++) result[i] = vector[i];
        return result;
    }

    /// <summary>The entries at some places.</summary>
    public static BigInteger[] From(ReadOnlySpan<long> vector, int[] places)
    {
        var result = new BigInteger[places.Length];
        for (int i = 0; i < result.Length; i++) result[i] = vector[places[i]];
        return result;
    }
}
