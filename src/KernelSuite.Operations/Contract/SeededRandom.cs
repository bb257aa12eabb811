namespace KernelSuite.Operations;

/// <summary>
/// SplitMix64 with uniform and normal variates: equal seeds give equal sequences on every .NET version, which
/// <see cref="Random"/> does not promise.
/// </summary>
/// <param name="seed">Any value.</param>
public sealed class SeededRandom(ulong seed)
{
    private ulong state = seed;
    private double spare = double.NaN;

    /// <summary>The next 64 random bits.</summary>
    public ulong NextBits()
    {
        state += 0x9E3779B97F4A7C15;
        ulong z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double NextUniform() => (NextBits() >> 11) * (1.0 / (1L << 53));

    /// <summary>Standard normal (polar method).</summary>
    public double NextNormal()
    {
        if (!double.IsNaN(spare))
        {
            double kept = spare;
            spare = double.NaN;
            return kept;
        }

        double x, y, r;
        do
        {
            x = (2 * NextUniform()) - 1;
            y = (2 * NextUniform()) - 1;
            r = (x * x) + (y * y);
        }
        while (r is >= 1 or 0);
        double scale = Math.Sqrt(-2 * Math.Log(r) / r);
        spare = y * scale;
        return x * scale;
    }
}
