using System.Numerics;
using System.Runtime.CompilerServices;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>The largest magnitudes of rows and groups of rows.</summary>
internal static unsafe class RowMaximum<TSimd, TFormat, TVector, T>
    where TSimd : struct, ISimd<TVector>
    where TFormat : struct, IFormatSimd<TVector>
    where TVector : struct
    where T : unmanaged
{
    /// <summary>Words of a group of 16-bit elements.</summary>
    private const int Words = KvFormats.GroupSize / 2;

    /// <summary>Largest finite magnitude of a row, and whether all of it is finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Largest(T* row, int width, out bool finite)
    {
        float largest = LargestOf(row, width);
        finite = float.IsFinite(largest);
        if (finite) return largest;
        largest = 0;
        for (int d = 0; d < width; d++) largest = MathF.Max(largest, FormatScalar.FiniteMagnitude(Storage.ToSingle(row[d])));
        return largest;
    }

    /// <summary>Largest magnitude of a row; an infinity or a NaN where it holds one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float LargestOf(T* row, int width)
    {
        TVector most = TSimd.Zero;
        float largest = 0;
        int d = 0;
        if (sizeof(T) == sizeof(ushort))
        {
            for (; d + (2 * TSimd.Lanes) <= width; d += 2 * TSimd.Lanes) most = TFormat.MaxMagnitudePairs(most, (float*)(row + d));
            largest = MagnitudeOf(TFormat.Largest(most));
        }
        else
        {
            for (; d + TSimd.Lanes <= width; d += TSimd.Lanes) most = TFormat.MaxMagnitude(most, StorageSimd<TSimd, TVector, T>.Load(row + d));
            largest = TFormat.Largest(most);
        }

        for (; d < width; d++) largest = FormatScalar.MaxMagnitude(largest, Storage.ToSingle(row[d]));
        return largest;
    }

    /// <summary>The value whose 16 bits a lane holds as an integer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float MagnitudeOf(float lane) => Storage.ToSingle(Unsafe.BitCast<ushort, T>((ushort)BitConverter.SingleToInt32Bits(lane)));

    /// <summary>The element of largest magnitude in a group of 32 finite ones, the first such. No branch depends on the data.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Extreme(T* row)
    {
        TVector most = TSimd.Zero;
        if (sizeof(T) == sizeof(ushort))
        {
            for (int i = 0; i < Words; i += TSimd.Lanes) most = TFormat.MaxMagnitudePairs(most, (float*)row + i);
            int magnitude = BitConverter.SingleToInt32Bits(TFormat.Largest(most));
            uint even = 0, odd = 0;
            for (int i = 0; i < Words; i += TSimd.Lanes)
            {
                TFormat.PairsWithMagnitude((float*)row + i, magnitude, out uint low, out uint high);
                even |= low << i;
                odd |= high << i;
            }

            return row[Math.Min(2 * BitOperations.TrailingZeroCount(even), (2 * BitOperations.TrailingZeroCount(odd)) + 1)];
        }

        for (int i = 0; i < KvFormats.GroupSize; i += TSimd.Lanes) most = TFormat.MaxMagnitude(most, StorageSimd<TSimd, TVector, T>.Load(row + i));
        float largest = TFormat.Largest(most);
        uint here = 0;
        for (int i = 0; i < KvFormats.GroupSize; i += TSimd.Lanes)
            here |= TFormat.WithMagnitude(StorageSimd<TSimd, TVector, T>.Load(row + i), largest) << i;
        return row[BitOperations.TrailingZeroCount(here)];
    }
}
