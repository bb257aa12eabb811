using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>Widens rows of <see cref="KvFormat"/>, with vectors.</summary>
internal static unsafe class RowDecoder<TSimd, TFormat, TVector, T>
    where TSimd : struct, ISimd<TVector>
    where TFormat : struct, IFormatSimd<TVector>
    where TVector : struct
    where T : unmanaged
{
    /// <summary>Elements of int4 that share a byte are so far apart.</summary>
    private const int Half = KvFormats.GroupSize / 2;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DecodeE4M3(byte* codes, int width, float scale, T* row)
    {
        TVector factor = TSimd.Create(scale);
        int d = 0, steps = width / WideDecoder<T>.Step * WideDecoder<T>.Step;
        if (TSimd.Lanes == 16 && WideDecoder<T>.IsSupported && WideDecoder<T>.TryE4M3(codes, steps, scale, (ushort*)row)) d = steps;
        for (; d + TSimd.Lanes <= width; d += TSimd.Lanes) StoreVector(TSimd.Multiply(TFormat.LoadE4M3(codes + d), factor), row + d);
        for (; d < width; d++) row[d] = Storage.FromSingle<T>(Float8E4M3.Decode(codes[d]) * scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DecodeInt4(byte* codes, byte* groups, int width, float scale, T* row)
    {
        for (int g = 0; g < width / KvFormats.GroupSize; g++, row += KvFormats.GroupSize, codes += Half)
        {
            float step = scale * Float8E4M3.Decode(groups[g]);
            if (TSimd.Lanes == 16 && WideDecoder<T>.IsSupported)
            {
                WideDecoder<T>.Int4(codes, step, (ushort*)row);
                continue;
            }

            TVector factor = TSimd.Create(step);
            for (int i = 0; i < Half; i += TSimd.Lanes)
            {
                TFormat.LoadNibbles(codes + i, out TVector low, out TVector high);
                StoreVector(TSimd.Multiply(low, factor), row + i);
                StoreVector(TSimd.Multiply(high, factor), row + Half + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreVector(TVector value, T* target)
    {
        if (typeof(T) == typeof(float))
        {
            TSimd.Store(value, (float*)target);
        }
        else if (typeof(TVector) == typeof(Vector512<float>) && WideDecoder<T>.IsSupported)
        {
            WideDecoder<T>.Round(Unsafe.BitCast<TVector, Vector512<float>>(value)).Store((ushort*)target);
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
