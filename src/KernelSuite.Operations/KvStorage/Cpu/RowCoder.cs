using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>Codes rows of <see cref="KvFormat"/>, with vectors.</summary>
internal static unsafe class RowCoder<TSimd, TFormat, TVector, T>
    where TSimd : struct, ISimd<TVector>
    where TFormat : struct, IFormatSimd<TVector>
    where TVector : struct
    where T : unmanaged
{
    /// <summary>Elements of int4 that share a byte are so far apart.</summary>
    private const int Half = KvFormats.GroupSize / 2;

    /// <summary>Largest finite magnitude of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Largest(T* row, int width)
    {
        TVector most = TSimd.Zero, other = TSimd.Zero;
        int d = 0;
        for (; d + (2 * TSimd.Lanes) <= width; d += 2 * TSimd.Lanes)
        {
            most = TSimd.Max(most, TFormat.FiniteMagnitude(StorageSimd<TSimd, TVector, T>.Load(row + d)));
            other = TSimd.Max(other, TFormat.FiniteMagnitude(StorageSimd<TSimd, TVector, T>.Load(row + d + TSimd.Lanes)));
        }

        float largest = TFormat.Largest(TSimd.Max(most, other));
        for (; d < width; d++) largest = MathF.Max(largest, FormatScalar.FiniteMagnitude(Storage.ToSingle(row[d])));
        return largest;
    }

    /// <summary>e4m3 codes of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void EncodeE4M3(T* row, int width, float scale, byte* codes)
    {
        TVector divisor = TSimd.Create(scale);
        int d = 0;
        for (; d + TSimd.Lanes <= width; d += TSimd.Lanes)
            TFormat.StoreE4M3(TSimd.Divide(StorageSimd<TSimd, TVector, T>.Load(row + d), divisor), codes + d);
        for (; d < width; d++) codes[d] = Float8E4M3.Encode(Storage.ToSingle(row[d]) / scale);
    }

    /// <summary>int4 codes and group factors of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void EncodeInt4(T* row, int width, float scale, byte* codes, byte* groups)
    {
        for (int g = 0; g < width / KvFormats.GroupSize; g++, row += KvFormats.GroupSize, codes += Half)
        {
            byte factor = Float8E4M3.Encode(Extreme(row) * -0.125f / scale);
            groups[g] = factor;
            if ((factor & 0x7F) == 0)
            {
                new Span<byte>(codes, Half).Fill(0x88);
                continue;
            }

            TVector divisor = TSimd.Create(scale * Float8E4M3.Decode(factor));
            for (int i = 0; i < Half; i += TSimd.Lanes)
            {
                TFormat.StoreNibbles(
                    TSimd.Divide(StorageSimd<TSimd, TVector, T>.Load(row + i), divisor),
                    TSimd.Divide(StorageSimd<TSimd, TVector, T>.Load(row + Half + i), divisor), codes + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DecodeE4M3(byte* codes, int width, float scale, T* row)
    {
        TVector factor = TSimd.Create(scale);
        int d = 0;
        for (; d + TSimd.Lanes <= width; d += TSimd.Lanes) StoreVector(TSimd.Multiply(TFormat.LoadE4M3(codes + d), factor), row + d);
        for (; d < width; d++) row[d] = Storage.FromSingle<T>(Float8E4M3.Decode(codes[d]) * scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DecodeInt4(byte* codes, byte* groups, int width, float scale, T* row)
    {
        for (int g = 0; g < width / KvFormats.GroupSize; g++, row += KvFormats.GroupSize, codes += Half)
        {
            TVector factor = TSimd.Create(scale * Float8E4M3.Decode(groups[g]));
            for (int i = 0; i < Half; i += TSimd.Lanes)
            {
                TFormat.LoadNibbles(codes + i, out TVector low, out TVector high);
                StoreVector(TSimd.Multiply(low, factor), row + i);
                StoreVector(TSimd.Multiply(high, factor), row + Half + i);
            }
        }
    }

    /// <summary>The finite element of largest magnitude in a group of 32, the first such; 0 where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Extreme(T* row)
    {
        TVector most = TSimd.Zero;
        for (int i = 0; i < KvFormats.GroupSize; i += TSimd.Lanes) most = TSimd.Max(most, TFormat.FiniteMagnitude(StorageSimd<TSimd, TVector, T>.Load(row + i)));
        float largest = TFormat.Largest(most);
        for (int i = 0; i < KvFormats.GroupSize; i += TSimd.Lanes)
        {
            uint here = TFormat.WithMagnitude(StorageSimd<TSimd, TVector, T>.Load(row + i), largest);
            if (here != 0) return Storage.ToSingle(row[i + BitOperations.TrailingZeroCount(here)]);
        }

        return 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreVector(TVector value, T* target)
    {
        if (typeof(T) == typeof(float))
        {
            TSimd.Store(value, (float*)target);
        }
        else if (typeof(T) == typeof(BFloat16))
        {
            TFormat.StoreBFloat16(value, (ushort*)target);
        }
        else
        {
            float* lanes = stackalloc float[16];
            TSimd.Store(value, lanes);
            TensorPrimitives.ConvertToHalf(new ReadOnlySpan<float>(lanes, TSimd.Lanes), new Span<Half>(target, TSimd.Lanes));
        }
    }
}
