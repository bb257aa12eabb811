namespace KernelSuite.KvCache.Decoding;

/// <summary>
/// Cosines and sines of p * theta^(-2i/D) for positions p and pairs i &lt; D/2, computed in double and rounded once. Half-split convention:
/// element i of a head is paired with element i + D/2.
/// </summary>
internal sealed class RotaryTable
{
    private readonly double[] frequencies;
    private float[] cosines = [], sines = [];
    private int positions;

    public RotaryTable(int headDim, double theta)
    {
        frequencies = new double[headDim / 2];
        for (int i = 0; i < frequencies.Length; i++) frequencies[i] = Math.Pow(theta, -2.0 * i / headDim);
    }

    /// <summary>Makes sure that positions 0 to <paramref name="end"/> - 1 are there; the table doubles when it grows.</summary>
    public void Reserve(int end)
    {
        if (end <= positions) return;
        int half = frequencies.Length, capacity = Math.Min(Math.Max(end, Math.Max(64, (int)Math.Min(2L * positions, int.MaxValue))), Array.MaxLength / half);
        if (capacity < end) throw new ArgumentOutOfRangeException(nameof(end), end, $"Expected a position below {capacity}: rotations of more do not fit an array.");
        Array.Resize(ref cosines, capacity * half);
        Array.Resize(ref sines, capacity * half);
        for (int p = positions; p < capacity; p++)
        {
            for (int i = 0; i < half; i++)
            {
                (double sin, double cos) = Math.SinCos(p * frequencies[i]);
                cosines[(p * half) + i] = (float)cos;
                sines[(p * half) + i] = (float)sin;
            }
        }

        positions = capacity;
    }

    /// <summary>D/2 cosines of a reserved position.</summary>
    public ReadOnlySpan<float> Cosines(int position) => cosines.AsSpan(position * frequencies.Length, frequencies.Length);

    /// <summary>D/2 sines of a reserved position.</summary>
    public ReadOnlySpan<float> Sines(int position) => sines.AsSpan(position * frequencies.Length, frequencies.Length);
}
