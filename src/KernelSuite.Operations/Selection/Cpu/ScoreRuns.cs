using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelSuite.Operations.Selection.Cpu;

/// <summary>
/// Scores of a row in several runs of memory, one a piece, at equal distances. Behind each run lies room for a vector.
/// </summary>
/// <param name="first">The first run.</param>
/// <param name="stride">From one run to the next, in scores.</param>
/// <param name="lengths">Scores of each run.</param>
internal readonly unsafe ref struct ScoreRuns(float* first, long stride, Span<int> lengths)
{
    public int Count => Lengths.Length;

    public Span<int> Lengths { get; } = lengths;

    public int Total
    {
        get
        {
            int total = 0;
            foreach (int length in Lengths) total += length;
            return total;
        }
    }

    public float* Run(int run) => first + (run * stride);

    /// <summary>
    /// Copies <paramref name="samples"/> scores, a power of two: one out of each of as many equal stretches. Where in its stretch follows a fixed
    /// sequence (steps of the golden section), so that no period in the scores meets the samples and equal scores give equal samples.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Sample(int samples, float* target)
    {
        int shift = 16 + BitOperations.Log2((uint)samples), run = 0;
        long start = 0, total = Total;
        for (int j = 0; j < samples; j++)
        {
            long at = ((((long)j << 16) | ((j * 40503L) & 0xFFFF)) * total) >> shift;
            for (; at - start >= Lengths[run]; run++) start += Lengths[run];
            target[j] = Run(run)[at - start];
        }
    }

    /// <summary>Puts keys in the place of the scores. Keys of 0 fill the last vector of each run.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ToKeys()
    {
        for (int run = 0; run < Count; run++)
        {
            float* scores = Run(run);
            int length = Lengths[run];
            for (int i = 0; i < length; i += 16) TopKScan.Keys512(scores + i).Store((uint*)scores + i);
            Vector512<uint>.Zero.Store((uint*)scores + length);
        }
    }

    /// <summary>The key of a rank, 1 for the largest, in runs of keys, if it lies between two keys: by bisection of the keys' values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public uint KeyOf(int rank, uint low, uint high)
    {
        while (low < high)
        {
            uint middle = low + ((high - low) / 2) + 1;
            int here = AtLeast(middle);
            if (here == rank) return LeastFrom(middle);
            if (here > rank) low = middle;
            else high = middle - 1;
        }

        return low;
    }

    /// <summary>Keys of a run that are at least <paramref name="key"/>, which is above 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int AtLeast(int run, uint key)
    {
        var limit = Vector512.Create(key);
        uint* keys = (uint*)Run(run);
        int count = 0, length = Lengths[run];
        for (int i = 0; i < length; i += 16)
            count += BitOperations.PopCount(Vector512.GreaterThanOrEqual(Vector512.Load(keys + i), limit).ExtractMostSignificantBits());
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int AtLeast(uint key)
    {
        int count = 0;
        for (int run = 0; run < Count; run++) count += AtLeast(run, key);
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private uint LeastFrom(uint key)
    {
        Vector512<uint> limit = Vector512.Create(key), least = Vector512<uint>.AllBitsSet;
        for (int run = 0; run < Count; run++)
        {
            uint* keys = (uint*)Run(run);
            for (int i = 0; i < Lengths[run]; i += 16)
            {
                var here = Vector512.Load(keys + i);
                Vector512<uint> counted = Vector512.GreaterThanOrEqual(here, limit);
                least = Vector512.Min(least, Vector512.ConditionalSelect(counted, here, Vector512<uint>.AllBitsSet));
            }
        }

        uint result = uint.MaxValue;
        for (int lane = 0; lane < 16; lane++) result = Math.Min(result, least[lane]);
        return result;
    }
}
