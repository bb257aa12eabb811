using System.Numerics;

namespace KernelSuite.Counters.Tests.Oracles;

/// <summary>mantissa · 2^exponent: what every finite double is, with sums and products that do not round.</summary>
internal readonly record struct Dyadic(BigInteger Mantissa, int Exponent)
{
    public int Sign => Mantissa.Sign;

    public static Dyadic Of(double value)
    {
        if (!double.IsFinite(value)) throw new ArgumentOutOfRangeException(nameof(value), value, "Expected a finite number.");
        if (value == 0) return default;
        int exponent = Math.Max(Math.ILogB(value), -1022) - 52;

        // In two steps, since 2^1074 is no double.
        return new((BigInteger)Math.ScaleB(Math.ScaleB(value, -exponent / 2), -exponent - -exponent / 2), exponent);
    }

    public static implicit operator Dyadic(BigInteger value) => new(value, 0);

    public static implicit operator Dyadic(double value) => Of(value);

    public static Dyadic operator +(Dyadic a, Dyadic b)
    {
        int least = Math.Min(a.Exponent, b.Exponent);
        return new((a.Mantissa << a.Exponent - least) + (b.Mantissa << b.Exponent - least), least);
    }

    public static Dyadic operator -(Dyadic a) => new(-a.Mantissa, a.Exponent);

    public static Dyadic operator -(Dyadic a, Dyadic b) => a + -b;

    public static Dyadic operator *(Dyadic a, Dyadic b) => new(a.Mantissa * b.Mantissa, a.Exponent + b.Exponent);

    public static Dyadic Abs(Dyadic a) => a.Sign < 0 ? -a : a;
}
