namespace KernelSuite.Operations.Counters;

/// <summary>A number as an unevaluated sum of two doubles (Dekker 1971; Knuth, TAOCP 4.2.2): about 106 bits.</summary>
internal readonly record struct DoubleDouble(double High, double Low)
{
    public static implicit operator DoubleDouble(double value) => new(value, 0);

    public static DoubleDouble operator +(DoubleDouble a, DoubleDouble b)
    {
        double sum = a.High + b.High, part = sum - a.High;
        return Normal(sum, (a.High - (sum - part)) + (b.High - part) + a.Low + b.Low);
    }

    public static DoubleDouble operator -(DoubleDouble a, DoubleDouble b) => a + new DoubleDouble(-b.High, -b.Low);

    public static DoubleDouble operator *(DoubleDouble a, DoubleDouble b)
    {
        double product = a.High * b.High;
        return Normal(product, Math.FusedMultiplyAdd(a.High, b.High, -product) + (a.High * b.Low) + (a.Low * b.High));
    }

    public static DoubleDouble operator /(DoubleDouble a, DoubleDouble b)
    {
        double quotient = a.High / b.High;
        DoubleDouble rest = a - (quotient * b);
        return Normal(quotient, (rest.High + rest.Low) / b.High);
    }

    public static bool operator <(DoubleDouble a, DoubleDouble b) => a.High < b.High || (a.High == b.High && a.Low < b.Low);

    public static bool operator >(DoubleDouble a, DoubleDouble b) => b < a;

    /// <summary>The number as the nearest double.</summary>
    public static explicit operator double(DoubleDouble value) => value.High + value.Low;

    /// <summary>Square root of a number that is not negative: one step of Newton's method from that of a double.</summary>
    public static DoubleDouble Sqrt(DoubleDouble a)
    {
        double root = Math.Sqrt(a.High);
        if (root == 0) return default;
        DoubleDouble rest = a - ((DoubleDouble)root * root);
        return Normal(root, (rest.High + rest.Low) / (2 * root));
    }

    /// <summary>Sum of products.</summary>
    public static DoubleDouble Dot(ReadOnlySpan<DoubleDouble> a, ReadOnlySpan<DoubleDouble> b)
    {
        DoubleDouble sum = default;
        for (int i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static DoubleDouble Normal(double high, double low)
    {
        double sum = high + low;
        return new DoubleDouble(sum, low - (sum - high));
    }
}
