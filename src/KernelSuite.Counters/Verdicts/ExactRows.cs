using System.Numerics;
using KernelSuite.Counters.Cones;

namespace KernelSuite.Counters.Verdicts;

/// <summary>Integer vectors from directions in doubles, and what they do to signatures and points, without rounding.</summary>
internal static class ExactRows
{
    // Small integers first: a person reads those. From the shift on, a direction is moved a little into the polar cone so that rounding cannot spoil
    // it.
    private static readonly int[] Bits = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32];
    private static readonly int[] ShiftedBits = [32, 48, 64, 96, 128];
    private const int ShiftBits = 20;

    /// <summary>Integer vectors near a direction, the simplest first, each with w · s ≤ 0 for every signature.</summary>
    /// <param name="signatures">Non-zero and non-negative, so that the vector of ones lies inside what they bound.</param>
    /// <param name="direction">In the counters' own units.</param>
    /// <param name="scale">Unit of each counter: how much a change of its coefficient matters.</param>
    public static IEnumerable<BigInteger[]> Near(SignatureSet signatures, double[] direction, double[] scale)
    {
        double most = direction.Max(Math.Abs);
        if (!(most > 0) || !double.IsFinite(most)) yield break;
        foreach (int bits in Bits)
        {
            BigInteger[] rounded = Rounded(direction, most, bits);
            if (Most(signatures, rounded) <= 0) yield return Primitive(rounded);
        }

        double smallest = scale.Min();
        BigInteger[] inward = [.. scale.Select(unit => BigInteger.Max(1, new BigInteger(Math.Round(smallest / unit * (1 << ShiftBits)))))];
        foreach (int bits in ShiftedBits)
        {
            BigInteger[] rounded = Rounded(direction, most, bits);
            BigInteger steps = 0;
            for (int j = 0; j < signatures.Count; j++)
            {
                BigInteger over = Dot(rounded, signatures[j]);
                if (over.Sign > 0) steps = BigInteger.Max(steps, over / Dot(inward, signatures[j]) + 1);
            }

            for (int i = 0; i < rounded.Length; i++) rounded[i] -= steps * inward[i];
            yield return Primitive(rounded);
        }
    }

    /// <summary>The largest w · s.</summary>
    public static BigInteger Most(SignatureSet signatures, BigInteger[] row)
    {
        BigInteger? most = null;
        for (int j = 0; j < signatures.Count; j++)
        {
            BigInteger value = Dot(row, signatures[j]);
            if (most is null || value > most) most = value;
        }

        return most ?? 0;
    }

    /// <summary>Sign of w · point.</summary>
    public static int Sign(BigInteger[] row, ReadOnlySpan<double> point)
    {
        // A finite double is an integer times a power of two of at least -1074.
        int lowest = int.MaxValue;
        foreach (double value in point) lowest = Math.Min(lowest, Split(value).Exponent);
        BigInteger sum = 0;
        for (int i = 0; i < row.Length; i++)
        {
            (long mantissa, int exponent) = Split(point[i]);
            sum += row[i] * mantissa << exponent - lowest;
        }

        return sum.Sign;
    }

    private static BigInteger Dot(BigInteger[] row, ReadOnlySpan<long> signature)
    {
        BigInteger sum = 0;
        for (int i = 0; i < row.Length; i++)
            if (signature[i] != 0 && !row[i].IsZero) sum += row[i] * signature[i];
        return sum;
    }

    private static BigInteger[] Rounded(double[] direction, double most, int bits) =>
        [.. direction.Select(value => bits <= 48 ? new BigInteger(Math.Round(value / most * Math.ScaleB(1, bits))) : Shifted(value / most, bits))];

    private static BigInteger Shifted(double value, int bits)
    {
        (long mantissa, int exponent) = Split(value);
        return exponent + bits >= 0 ? (BigInteger)mantissa << exponent + bits : (BigInteger)mantissa >> -(exponent + bits);
    }

    private static BigInteger[] Primitive(BigInteger[] row)
    {
        BigInteger divisor = 0;
        foreach (BigInteger entry in row) divisor = BigInteger.GreatestCommonDivisor(divisor, entry);
        return divisor <= 1 ? row : [.. row.Select(entry => entry / divisor)];
    }

    private static (long Mantissa, int Exponent) Split(double value)
    {
        if (!double.IsFinite(value)) throw new ArgumentException($"A value is {value}. Expected finite values.", nameof(value));
        long bits = BitConverter.DoubleToInt64Bits(value), fraction = bits & 0xFFFFFFFFFFFFF;
        int exponent = (int)(bits >> 52 & 0x7FF);
        long mantissa = exponent == 0 ? fraction : fraction | 1L << 52;
        return (bits < 0 ? -mantissa : mantissa, Math.Max(exponent, 1) - 1075);
    }
}
