namespace KernelSuite.CudaHost.Tests.Ptx;

/// <summary>The 8-bit float with 4 exponent and 3 fraction bits, from its definition: a table of values, and a search for the
/// nearest.</summary>
internal static class E4M3
{
    public const int NaN = 0x7F;

    public static bool IsNaN(int code) => (code & 0x7F) == NaN;

    /// <summary>(-1)^s 2^(e-7) (1 + f/8), or 2^-6 f/8 where e = 0.</summary>
    public static double Value(int code)
    {
        if (IsNaN(code)) return double.NaN;
        int exponent = (code >> 3) & 15;
        double fraction = (code & 7) / 8.0;
        double magnitude = exponent == 0 ? Math.ScaleB(fraction, -6) : Math.ScaleB(1 + fraction, exponent - 7);
        return (code & 0x80) != 0 ? -magnitude : magnitude;
    }

    /// <summary>The nearest code, of two the even one; beyond the largest value that value (satfinite); every NaN is 0x7F.</summary>
    public static int Nearest(float x)
    {
        if (float.IsNaN(x)) return NaN;
        int best = 0;
        double magnitude = Math.Min(Math.Abs((double)x), 448);
        for (int code = 1; code < NaN; code++)
        {
            double distance = Math.Abs(Value(code) - magnitude);
            double least = Math.Abs(Value(best) - magnitude);
            if (distance < least || (distance == least && (code & 1) == 0)) best = code;
        }

        return best | (float.IsNegative(x) ? 0x80 : 0);
    }
}
