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

    /// <summary>Least scale of <see cref="IsPlain"/>: from here on exact remainders of the quotients that matter are normal numbers, in e4m3 and (less 9 for the group factor) in int4.</summary>
    private const float LeastScale = 8.470329472543003e-22f; // 2^-70

    /// <summary>Groups whose factors are computed together.</summary>
    private const int Chunk = 16;

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

    /// <summary>Whether the vector code takes a row; otherwise (infinities, NaN, tiny scales) it is coded element by element, by division.</summary>
    public static bool IsPlain(bool finite, float scale) => finite && scale >= LeastScale;

    /// <summary>e4m3 codes of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void EncodeE4M3(T* row, int width, float scale, bool plain, byte* codes)
    {
        TVector divisor = TSimd.Create(scale), reciprocal = TSimd.Create(1 / scale);
        int d = 0;
        if (plain)
        {
            for (; d + TSimd.Lanes <= width; d += TSimd.Lanes)
            {
                TVector value = StorageSimd<TSimd, TVector, T>.Load(row + d);
                TFormat.StoreE4M3(TFormat.Quotient(value, divisor, reciprocal), value, codes + d);
            }
        }

        for (; d < width; d++) FormatScalar.StoreE4M3(Storage.ToSingle(row[d]) / scale, Storage.ToSingle(row[d]), codes + d);
    }

    /// <summary>int4 codes and group factors of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void EncodeInt4(T* row, int width, float scale, bool plain, byte* codes, byte* groups)
    {
        int count = width / KvFormats.GroupSize;
        if (!plain)
        {
            for (int g = 0; g < count; g++) EncodeGroup(row + (g * KvFormats.GroupSize), scale, codes + (g * Half), groups + g);
            return;
        }

        // The division by the row's scale and the rounding of the factors are a vector's work, not a group's.
        float* extreme = stackalloc float[Chunk], divisor = stackalloc float[Chunk], reciprocal = stackalloc float[Chunk];
        byte* factor = stackalloc byte[Chunk];
        TVector eighth = TSimd.Create(-0.125f), one = TSimd.Create(1), divided = TSimd.Create(scale);
        for (int first = 0; first < count; first += Chunk)
        {
            int some = Math.Min(Chunk, count - first);
            for (int g = 0; g < Chunk; g++) extreme[g] = g < some ? Extreme(row + ((first + g) * KvFormats.GroupSize)) : 0;
            for (int g = 0; g < some; g += TSimd.Lanes)
            {
                TVector quotient = TSimd.Divide(TSimd.Multiply(TSimd.Load(extreme + g), eighth), divided);
                TFormat.StoreE4M3(quotient, quotient, factor + g);
                TVector step = TSimd.Multiply(divided, TFormat.LoadE4M3(factor + g));
                TSimd.Store(step, divisor + g);
                TSimd.Store(TSimd.Divide(one, step), reciprocal + g);
            }

            for (int g = 0; g < some; g++)
            {
                T* group = row + ((first + g) * KvFormats.GroupSize);
                byte* target = codes + ((first + g) * Half);
                bool zero = (factor[g] & 0x7F) == 0;
                groups[first + g] = zero ? (byte)0 : factor[g];
                if (zero)
                {
                    new Span<byte>(target, Half).Fill(0x88);
                    continue;
                }

                TVector step = TSimd.Create(divisor[g]), inverse = TSimd.Create(reciprocal[g]);
                for (int i = 0; i < Half; i += TSimd.Lanes)
                {
                    TFormat.StoreNibbles(
                        TFormat.Quotient(StorageSimd<TSimd, TVector, T>.Load(group + i), step, inverse),
                        TFormat.Quotient(StorageSimd<TSimd, TVector, T>.Load(group + Half + i), step, inverse), target + i);
                }
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
    private static float Extreme(T* row)
    {
        TVector most = TSimd.Zero;
        if (sizeof(T) == sizeof(ushort))
        {
            for (int i = 0; i < Half; i += TSimd.Lanes) most = TFormat.MaxMagnitudePairs(most, (float*)row + i);
            int magnitude = BitConverter.SingleToInt32Bits(TFormat.Largest(most));
            uint even = 0, odd = 0;
            for (int i = 0; i < Half; i += TSimd.Lanes)
            {
                TFormat.PairsWithMagnitude((float*)row + i, magnitude, out uint low, out uint high);
                even |= low << i;
                odd |= high << i;
            }

            return Storage.ToSingle(row[Math.Min(2 * BitOperations.TrailingZeroCount(even), (2 * BitOperations.TrailingZeroCount(odd)) + 1)]);
        }

        for (int i = 0; i < KvFormats.GroupSize; i += TSimd.Lanes) most = TFormat.MaxMagnitude(most, StorageSimd<TSimd, TVector, T>.Load(row + i));
        float largest = TFormat.Largest(most);
        uint here = 0;
        for (int i = 0; i < KvFormats.GroupSize; i += TSimd.Lanes) here |= TFormat.WithMagnitude(StorageSimd<TSimd, TVector, T>.Load(row + i), largest) << i;
        return Storage.ToSingle(row[BitOperations.TrailingZeroCount(here)]);
    }

    /// <summary>A group by its definition: maxima over finite elements, division.</summary>
    private static void EncodeGroup(T* row, float scale, byte* codes, byte* factor)
    {
        float extreme = 0;
        for (int i = 0; i < KvFormats.GroupSize; i++)
        {
            float value = Storage.ToSingle(row[i]);
            if (FormatScalar.FiniteMagnitude(value) > MathF.Abs(extreme)) extreme = value;
        }

        byte code = Float8E4M3.Encode(extreme * -0.125f / scale);
        *factor = (code & 0x7F) == 0 ? (byte)0 : code;
        if (*factor == 0)
        {
            new Span<byte>(codes, Half).Fill(0x88);
            return;
        }

        float divisor = scale * Float8E4M3.Decode(code);
        for (int i = 0; i < Half; i++)
            FormatScalar.StoreNibbles(Storage.ToSingle(row[i]) / divisor, Storage.ToSingle(row[Half + i]) / divisor, codes + i);
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
