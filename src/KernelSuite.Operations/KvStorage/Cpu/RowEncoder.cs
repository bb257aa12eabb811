using System.Runtime.CompilerServices;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>Codes rows of <see cref="KvFormat"/>, with vectors.</summary>
internal static unsafe class RowEncoder<TSimd, TFormat, TVector, T>
    where TSimd : struct, ISimd<TVector>
    where TFormat : struct, IFormatSimd<TVector>
    where TVector : struct
    where T : unmanaged
{
    /// <summary>Elements of int4 that share a byte are so far apart.</summary>
    private const int Half = KvFormats.GroupSize / 2;

    /// <summary>Groups whose factors are computed together.</summary>
    private const int Chunk = 16;

    /// <summary>Whether rows go through the coders of 64 elements at a time.</summary>
    public static bool IsWide
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TSimd.Lanes == 16 && WideRow.IsSupported;
    }

    /// <summary>Whether the vector code takes a row; otherwise (infinities, NaN, tiny scales) it is coded element by element, by division.</summary>
    public static bool IsPlain(bool finite, float scale) => finite && scale >= RowScale.LeastPlain;

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Extreme(T* row) => Storage.ToSingle(RowMaximum<TSimd, TFormat, TVector, T>.Extreme(row));

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
}
