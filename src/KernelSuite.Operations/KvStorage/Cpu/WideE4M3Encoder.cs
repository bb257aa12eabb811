using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>
/// e4m3 codes, 64 elements at a time, without a division. The quotient is a product with a reciprocal made 3 to 6 units too large, so it lies 0 to
/// 9 units in the last place above the correctly rounded one. Its code can only be wrong where a tie between two codes lies 0 to 15 units below it,
/// or where it is subnormal in e4m3. Such rows are reported (of normally distributed rows of 128 one in a hundred of float32, seven of float16, 26 of
/// bfloat16, whose rows <see cref="BFloat16Codes"/> takes where it can) and coded by exact quotients.
/// </summary>
internal static unsafe class WideE4M3Encoder<T>
    where T : unmanaged
{
    // From the least to the largest scale, products of the reciprocal and of the power of two on it stay normal numbers. float16 is loaded times
    // 2^-112.
    private const float LargestScale = 1.2676506e30f, LeastHalfScale = 1.9073486e-6f;

    private static float LeastScale => typeof(T) == typeof(Half) ? LeastHalfScale : RowScale.LeastPlain;

    /// <summary>Floats of work space for four rows.</summary>
    public const int Work = 8;

    /// <summary>Finds and stores the scales of four rows of a multiple of 64 elements.</summary>
    /// <param name="rows">Four rows; any may be one twice.</param>
    /// <param name="width">Elements of a row.</param>
    /// <param name="shared">The scale to use; 0 for each row's own.</param>
    /// <param name="work">
    /// <see cref="Work"/> floats: reciprocals, and the bits of largest magnitudes where <see cref="BFloat16Codes"/> takes the row, otherwise below 0.
    /// </param>
    /// <returns>A bit for each row that is to be coded by exact quotients.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Prepare(QuantizedRow* rows, int width, float shared, float* work)
    {
        Vector128<int> most = default, least = default;
        Vector128<float> largest = sizeof(T) == sizeof(ushort)
            ? WideMaxima<T>.Pairs(rows, width, out most, out least)
            : WideMaxima<T>.Singles(rows, width);
        Vector128<float> one = Vector128<float>.One, tiny = Vector128.LessThan(largest, Vector128.Create(KvScale.LeastMagnitude));
        Vector128<float> own = Vector128.ConditionalSelect(tiny, one, largest / Vector128.Create(448f));
        Vector128<float> scale = shared > 0 ? Vector128.Create(shared) : own;
        if (typeof(T) == typeof(BFloat16))
            (shared > 0 ? Vector128<int>.AllBitsSet : BFloat16Codes.Takes(most, least) | tiny.AsInt32()).Store((int*)work + 4);
        for (int r = 0; r < 4; r++) *rows[r].Scales = scale.GetElement(r);

        // Times 2^-8: the low four exponent bits of a normal code's quotient are then those of the code.
        float power = typeof(T) == typeof(Half) ? WideRow.HalfShift / 256 : 1f / 256;
        (((one / scale).AsInt32() + Vector128.Create(3)).AsSingle() * Vector128.Create(power)).Store(work);
        Vector128<float> taken = Vector128.LessThanOrEqual(largest, Vector128.Create(typeof(T) == typeof(Half) ? 65504f : float.MaxValue))
            & Vector128.GreaterThanOrEqual(scale, Vector128.Create(LeastScale)) & Vector128.LessThanOrEqual(scale, Vector128.Create(LargestScale));
        return ~taken.ExtractMostSignificantBits() & 15;
    }

    /// <summary>Codes four rows that <see cref="Prepare"/> has seen, and asks for later ones.</summary>
    /// <returns>A bit for each row that is to be coded again by exact quotients.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Encode(QuantizedRow* rows, int width, float* work, in PrefetchDistance ahead)
    {
        uint again = 0;
        for (int r = 0; r < 4; r++)
        {
            ahead.Prefetch(rows[r].Source, width * sizeof(T), rows[r].Codes, width);
            int most = typeof(T) == typeof(BFloat16) ? ((int*)work)[4 + r] : -1;
            if (most >= 0) BFloat16Codes.Encode((ushort*)rows[r].Source, width, most, rows[r].Codes);
            else if (!TryEncode((T*)rows[r].Source, width, Vector512.Create(work[r]), rows[r].Codes)) again |= 1u << r;
        }

        return again;
    }

    /// <summary>Codes a row of a multiple of 64 elements.</summary>
    /// <returns>False where a code may be wrong.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryEncode(T* row, int width, Vector512<float> reciprocal, byte* codes)
    {
        Vector512<uint> tie = Vector512<uint>.AllBitsSet;
        Vector512<ushort> least = Vector512<ushort>.AllBitsSet;
        for (int d = 0; d < width; d += WideRow.Step)
        {
            Vector512<ushort> first = Pair(row + d, reciprocal, ref tie), second = Pair(row + d + 32, reciprocal, ref tie);

            // Twice the magnitude, less 17: a zero (8 after rounding) wraps around, so what is smallest is a subnormal.
            least = Vector512.Min(least, Vector512.Min(first + first - Vector512.Create((ushort)17), second + second - Vector512.Create((ushort)17)));
            Vector512<ushort> magnitude = Vector512.ConditionalSelect(
                Vector512.Create((ushort)0x007F), Vector512.ShiftRightLogical(first, 4), Vector512.ShiftLeft(second, 4));
            Vector512<ushort> sign = Vector512.ConditionalSelect(Vector512.Create((ushort)0x00FF), Vector512.ShiftRightLogical(first, 8), second);
            Vector512<byte> bytes = Vector512.ConditionalSelect(Vector512.Create((ushort)0x7F7F), magnitude, sign).AsByte();
            Avx512Vbmi.PermuteVar64x8(bytes, Order).Store(codes + d);
        }

        // 2^-6 * 2^-8 is 0x3880 in the upper half of a float.
        const ushort LeastNormal = (2 * 0x3880) - 17;
        return !Vector512.EqualsAny(tie, Vector512<uint>.Zero) && !Vector512.LessThanAny(least, Vector512.Create(LeastNormal));
    }

    /// <summary>
    /// Upper halves of 32 quotients, rounded to three fraction bits above bit 4, halves away from zero; notes those just above a tie.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> Pair(T* source, Vector512<float> reciprocal, ref Vector512<uint> tie)
    {
        WideRow.LoadPair(source, out Vector512<float> a, out Vector512<float> b);
        Vector512<uint> half = Vector512.Create(0x80000u), even = (a * reciprocal).AsUInt32() + half, odd = (b * reciprocal).AsUInt32() + half;
        Vector512<uint> nearby = Vector512.Create(0xFFFF0u);
        tie = Vector512.Min(tie, Vector512.Min(even & nearby, odd & nearby));
        return WideRow.UpperHalves(even, odd);
    }

    /// <summary>
    /// Bytes of a 32-bit lane are of elements i, i + 32, i + 16 and i + 48; of 16-bit elements 2 i, 2 i + 32, 2 i + 1 and 2 i + 33.
    /// </summary>
    private static Vector512<byte> Order
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => sizeof(T) == sizeof(ushort)
            ? Vector512.Create(
                (byte)0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62,
                1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61, 63)
            : Vector512.Create(
                (byte)0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 2, 6, 10, 14, 18, 22, 26, 30, 34, 38, 42, 46, 50, 54, 58, 62,
                1, 5, 9, 13, 17, 21, 25, 29, 33, 37, 41, 45, 49, 53, 57, 61, 3, 7, 11, 15, 19, 23, 27, 31, 35, 39, 43, 47, 51, 55, 59, 63);
    }
}
