using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelSuite.Operations.Selection.Cpu;

/// <summary>The passes over a piece of a row, with vectors of 512 or 256 bits where the device may use them, else score by score.</summary>
internal static unsafe class TopKScan
{
    /// <summary>
    /// Counters of the first digit, four sets: neighbouring scores often share a bin, and an increment waits for the store of the one before it.
    /// </summary>
    public const int Sets = 4;

    /// <summary>Writes the positions from <paramref name="from"/> to <paramref name="to"/> - 1, where all are selected, each to its place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void EmitAll(int from, int to, int* indices)
    {
        int i = from;
        var next = new Vector<int>(from) + Vector<int>.Indices;
        for (; i + Vector<int>.Count <= to; i += Vector<int>.Count, next += new Vector<int>(Vector<int>.Count)) Vector.Store(next, indices + i);
        for (; i < to; i++) indices[i] = i;
    }

    /// <summary>
    /// Counts the first digit of every score into <paramref name="sets"/> (cleared) and adds the sets up in <paramref name="histogram"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CountFirst(float* scores, int length, int* sets, int* histogram, int lanes)
    {
        new Span<int>(sets, Sets * TopKState.Bins).Clear();
        int i = 0;
        if (lanes >= 8)
        {
            uint* bins = stackalloc uint[16];
            for (; i + 16 <= length; i += 16)
            {
                if (lanes == 16)
                {
                    (Keys512(scores + i) >> TopKState.Shift(0)).Store(bins);
                }
                else
                {
                    (Keys256(scores + i) >> TopKState.Shift(0)).Store(bins);
                    (Keys256(scores + i + 8) >> TopKState.Shift(0)).Store(bins + 8);
                }

                for (int lane = 0; lane < 16; lane += Sets)
                {
                    sets[bins[lane]]++;
                    sets[bins[lane + 1] + TopKState.Bins]++;
                    sets[bins[lane + 2] + (2 * TopKState.Bins)]++;
                    sets[bins[lane + 3] + (3 * TopKState.Bins)]++;
                }
            }
        }

        for (; i < length; i++) sets[ScoreKey.Of(scores[i]) >> TopKState.Shift(0)]++;
        for (int bin = 0; bin < TopKState.Bins; bin++)
            histogram[bin] = sets[bin] + sets[bin + TopKState.Bins] + sets[bin + (2 * TopKState.Bins)] + sets[bin + (3 * TopKState.Bins)];
    }

    /// <summary>Gathers the keys that start with the chosen first digit and counts their second digit.</summary>
    /// <returns>Number of keys gathered.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Gather(float* scores, int length, uint prefix, uint* keys, int* histogram, int lanes)
    {
        new Span<int>(histogram, TopKState.Bins).Clear();
        uint digit = prefix >> TopKState.Shift(0);
        int found = 0, i = 0;
        if (lanes >= 8)
        {
            uint* piece = stackalloc uint[16];
            for (; i + lanes <= length; i += lanes)
            {
                uint mask;
                if (lanes == 16)
                {
                    Vector512<uint> key = Keys512(scores + i), chosen = Vector512.Equals(key >> TopKState.Shift(0), Vector512.Create(digit));
                    mask = (uint)chosen.ExtractMostSignificantBits();
                    if (mask == 0) continue;
                    Avx512F.CompressStore(keys + found, chosen, key);
                    found += BitOperations.PopCount(mask);
                    continue;
                }
                else
                {
                    Vector256<uint> key = Keys256(scores + i);
                    mask = Vector256.Equals(key >> TopKState.Shift(0), Vector256.Create(digit)).ExtractMostSignificantBits();
                    if (mask == 0) continue;
                    key.Store(piece);
                }

                for (; mask != 0; mask &= mask - 1) keys[found++] = piece[BitOperations.TrailingZeroCount(mask)];
            }
        }

        for (; i < length; i++)
        {
            uint key = ScoreKey.Of(scores[i]);
            if (key >> TopKState.Shift(0) == digit) keys[found++] = key;
        }

        for (int n = 0; n < found; n++) histogram[(keys[n] >> TopKState.Shift(1)) & (TopKState.Bins - 1)]++;
        return found;
    }

    /// <summary>Counts the last digit of those gathered keys that start with the chosen first two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CountLast(uint* keys, int found, uint prefix, int* histogram)
    {
        new Span<int>(histogram, TopKState.Bins).Clear();
        uint start = prefix >> TopKState.Shift(1);
        for (int n = 0; n < found; n++)
            if (keys[n] >> TopKState.Shift(1) == start) histogram[keys[n] & ((TopKState.Bins / 2) - 1)]++;
    }

    /// <summary>
    /// Writes the positions of the keys above <paramref name="threshold"/>, and of the first <paramref name="ties"/> that equal it.
    /// </summary>
    /// <param name="scores">A piece of a row.</param>
    /// <param name="length">Its scores.</param>
    /// <param name="position">Position of its first score in the row.</param>
    /// <param name="threshold">The k-th largest key.</param>
    /// <param name="ties">Keys equal to it that are still to be taken.</param>
    /// <param name="indices">Receives the positions in ascending order.</param>
    /// <param name="lanes">Scores of a vector.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Emit(float* scores, int length, int position, uint threshold, int ties, int* indices, int lanes)
    {
        int i = 0;
        if (lanes >= 8)
        {
            for (; i + lanes <= length; i += lanes)
            {
                uint above, equal;
                if (lanes == 16)
                {
                    Vector512<uint> key = Keys512(scores + i), limit = Vector512.Create(threshold);
                    Vector512<uint> taken = Vector512.GreaterThan(key, limit);
                    equal = (uint)Vector512.Equals(key, limit).ExtractMostSignificantBits();
                    above = (uint)taken.ExtractMostSignificantBits();
                    if (equal == 0 || ties <= 0)
                    {
                        if (above == 0) continue;
                        Avx512F.CompressStore((uint*)indices, taken, Vector512<uint>.Indices + Vector512.Create((uint)(position + i)));
                        indices += BitOperations.PopCount(above);
                        continue;
                    }
                }
                else
                {
                    Vector256<uint> key = Keys256(scores + i), limit = Vector256.Create(threshold);
                    above = Vector256.GreaterThan(key, limit).ExtractMostSignificantBits();
                    equal = Vector256.Equals(key, limit).ExtractMostSignificantBits();
                }

                for (; equal != 0 && ties > 0; equal &= equal - 1, ties--) above |= equal & (0u - equal);
                for (; above != 0; above &= above - 1) *indices++ = position + i + BitOperations.TrailingZeroCount(above);
            }
        }

        for (; i < length; i++)
        {
            uint key = ScoreKey.Of(scores[i]);
            if (key < threshold || (key == threshold && ties-- <= 0)) continue;
            *indices++ = position + i;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Keys512(float* scores)
    {
        Vector512<float> score = Vector512.Load(scores);

        // Adding +0 makes +0 of -0 and leaves every other value.
        Vector512<int> bits = (score + Vector512<float>.Zero).AsInt32();
        Vector512<int> key = bits ^ (Vector512.ShiftRightArithmetic(bits, 31) | Vector512.Create(int.MinValue));
        return (key & Vector512.Equals(score, score).AsInt32()).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Keys256(float* scores)
    {
        Vector256<float> score = Vector256.Load(scores);
        Vector256<int> bits = (score + Vector256<float>.Zero).AsInt32();
        Vector256<int> key = bits ^ (Vector256.ShiftRightArithmetic(bits, 31) | Vector256.Create(int.MinValue));
        return (key & Vector256.Equals(score, score).AsInt32()).AsUInt32();
    }
}
