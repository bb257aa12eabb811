using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelSuite.Operations.Simd;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>
/// int4 codes, two groups at a time, without a division an element. x / step + 8 + 1/2 is one multiply-add with 18 fraction bits, two units too
/// large, so it lies 0 to 3 units above its value; its integer part can only be wrong where the fraction is below four units. Such rows are
/// reported (one in 500 of rows of 128) and coded by exact quotients.
/// </summary>
internal static unsafe class WideInt4Encoder<T>
    where T : unmanaged
{
    /// <summary>Elements of the widest row that is taken: factors of four rows are kept meanwhile.</summary>
    public const int MostWidth = 512;

    private const float LargestScale = 1.2676506e30f;

    /// <summary>Elements of the groups that are looked at together.</summary>
    private const int Chunk = WideExtremes<T>.Groups * KvFormats.GroupSize;

    /// <summary>Floats that a chunk of four rows has in the work space.</summary>
    private const int ChunkWork = 32;

    /// <summary>Floats of work space for four rows.</summary>
    public const int Work = MostWidth / Chunk * ChunkWork;

    /// <summary>Finds and stores the scales of four rows of a multiple of 64 elements and the factors of their groups.</summary>
    /// <param name="rows">Four rows; any may be one twice.</param>
    /// <param name="width">Elements of a row, at most <see cref="MostWidth"/>.</param>
    /// <param name="shared">The scale to use; 0 for each row's own.</param>
    /// <param name="work">
    /// <see cref="Work"/> floats. A chunk of four groups has 16 reciprocals of steps and, for 16-bit elements, 16 steps times -1; lane 4 r + g is of
    /// group g of row r.
    /// </param>
    /// <returns>A bit for each row that is to be coded by exact quotients.</returns>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Prepare(QuantizedRow* rows, int width, float shared, float* work)
    {
        float* scales = stackalloc float[16];
        byte* codes = stackalloc byte[16];
        Vector512<int> most = Vector512<int>.Zero;
        float* lanes = work;
        for (int d = 0; d < width; d += Chunk, lanes += ChunkWork)
        {
            Vector512<float> extreme = WideExtremes<T>.Find(rows, d, d + Chunk <= width);
            extreme.Store(lanes);
            most = Vector512.Max(most, extreme.AsInt32() & Vector512.Create(int.MaxValue));
        }

        most = Vector512.Max(most, Avx512F.Shuffle(most, 0b01_00_11_10));
        Vector512<float> largest = Vector512.Max(most, Avx512F.Shuffle(most, 0b10_11_00_01)).AsSingle(), one = Vector512<float>.One;
        Vector512<float> scale = shared > 0 ? Vector512.Create(shared) : Vector512.ConditionalSelect(
            Vector512.LessThan(largest, Vector512.Create(KvScale.LeastMagnitude)), one, largest * Vector512.Create(0.125f) / Vector512.Create(448f));
        scale.Store(scales);
        for (int r = 0; r < 4; r++) *rows[r].Scales = scales[4 * r];
        lanes = work;
        for (int d = 0; d < width; d += Chunk, lanes += ChunkWork) Factors(rows, d, d + Chunk <= width, scale, lanes, codes);
        Vector512<float> taken = Vector512.LessThanOrEqual(largest, Vector512.Create(typeof(T) == typeof(Half) ? 65504f : float.MaxValue))
            & Vector512.GreaterThanOrEqual(scale, Vector512.Create(RowScale.LeastPlain))
            & Vector512.LessThanOrEqual(scale, Vector512.Create(LargestScale));
        uint exact = ~(uint)taken.ExtractMostSignificantBits();
        return (exact & 1) | (exact >> 3 & 2) | (exact >> 6 & 4) | (exact >> 9 & 8);
    }

    /// <summary>Codes four rows that <see cref="Prepare"/> has seen, and asks for later ones.</summary>
    /// <returns>A bit for each row that is to be coded again by exact quotients.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Encode(QuantizedRow* rows, int width, float* work, in PrefetchDistance ahead)
    {
        uint again = 0;
        for (int r = 0; r < 4; r++)
        {
            ahead.Prefetch(rows[r].Source, width * sizeof(T), rows[r].Codes, width / 2);
            if (sizeof(T) == sizeof(ushort)) EncodePairs((T*)rows[r].Source, width, work + (4 * r), rows[r].Codes);
            else if (!TryEncode((float*)rows[r].Source, width, work + (4 * r), rows[r].Codes)) again |= 1u << r;
        }

        return again;
    }

    /// <summary>
    /// Stores the factors of a chunk's groups, and puts the reciprocals of their steps where their extremes were: 0 where the factor is 0, since all
    /// codes are 8 then.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Factors(QuantizedRow* rows, int first, bool four, Vector512<float> scale, float* lanes, byte* codes)
    {
        Vector512<float> quotient = Vector512.Load(lanes) * Vector512.Create(-0.125f) / scale;
        Format512.StoreE4M3(quotient, quotient, codes);
        Vector512<float> factor = Format512.LoadE4M3(codes), zero = Vector512.Equals(factor, Vector512<float>.Zero);
        Vector512<float> step = scale * factor;
        if (sizeof(T) == sizeof(ushort)) (-step).Store(lanes + 16);
        Vector512.AndNot(Vector512<float>.One / step, zero).Store(lanes);
        Vector128<byte> code = Vector128.Load(codes), least = code & Vector128.Create((byte)0x7F);
        Vector128<uint> factors = Vector128.AndNot(code, Vector128.Equals(least, Vector128<byte>.Zero)).AsUInt32();
        for (int r = 0; r < 4; r++)
        {
            byte* groups = rows[r].Groups + (first / KvFormats.GroupSize);
            if (four) *(uint*)groups = factors.GetElement(r);
            else *(ushort*)groups = (ushort)factors.GetElement(r);
        }
    }

    /// <summary>Where in the work space the groups from element <paramref name="d"/> on are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint At(int d) => ((uint)d / Chunk * ChunkWork) + ((uint)d % Chunk / KvFormats.GroupSize);

    /// <summary>Codes a row of float32.</summary>
    /// <returns>False where a code may be wrong.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryEncode(float* row, int width, float* work, byte* codes)
    {
        Vector512<uint> tie = Vector512<uint>.AllBitsSet;
        for (int d = 0; d < width; d += WideRow.Step, row += WideRow.Step, codes += WideRow.Step / 2)
        {
            float* reciprocal = work + At(d);
            Vector512<ushort> first = Group(row, Vector512.Create(reciprocal[0]), ref tie);
            Vector512<ushort> second = Group(row + KvFormats.GroupSize, Vector512.Create(reciprocal[1]), ref tie);

            // Bytes of a 32-bit lane: elements i of the first and the second group, then elements i + 16. Their bits 2 to 6 are the code plus 8,
            // not yet clamped.
            Vector512<ushort> pairs = Vector512.ConditionalSelect(Vector512.Create((ushort)0x00FF), first, Vector512.ShiftLeft(second, 8));
            Vector512<byte> bytes = (pairs & Vector512.Create((ushort)0x7C7C)).AsByte();
            Vector512<byte> above = Avx512BW.SubtractSaturate(bytes, Vector512.Create((byte)(8 << 2)));
            Vector512<uint> clamped = Vector512.Min(above, Vector512.Create((byte)(15 << 2))).AsUInt32();
            Vector512<uint> nibbles = Vector512.ConditionalSelect(
                Vector512.Create(0x0F0Fu), Vector512.ShiftRightLogical(clamped, 2), Vector512.ShiftRightLogical(clamped, 14));
            Avx512Vbmi.PermuteVar64x8(nibbles.AsByte(), Order).GetLower().Store(codes);
        }

        return !Vector512.EqualsAny(tie, Vector512<uint>.Zero);
    }

    /// <summary>
    /// Upper halves of the sums of a group: elements i in even, i + 16 in odd lanes. 48 + 1/2: sums from 36 to 61 have one exponent.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> Group(float* source, Vector512<float> reciprocal, ref Vector512<uint> tie)
    {
        Vector512<float> bias = Vector512.Create(48.5f + (1f / (1 << 17)));
        Vector512<uint> even = Vector512.FusedMultiplyAdd(Vector512.Load(source), reciprocal, bias).AsUInt32();
        Vector512<uint> odd = Vector512.FusedMultiplyAdd(Vector512.Load(source + 16), reciprocal, bias).AsUInt32();
        Vector512<uint> nearby = Vector512.Create(0x3FFFCu);
        tie = Vector512.Min(tie, Vector512.Min(even & nearby, odd & nearby));
        return WideRow.UpperHalves(even, odd);
    }

    /// <summary>
    /// Codes a row of 16-bit elements, whose few bits make exact ties common (one row of bfloat16 in seven) and one correction of a quotient enough:
    /// over all fractions of a row's largest element, of a factor and of an element the sum is that of the correctly rounded quotient.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EncodePairs(T* row, int width, float* work, byte* codes)
    {
        for (int d = 0; d < width; d += WideRow.Step, row += WideRow.Step, codes += WideRow.Step / 2)
        {
            float* reciprocal = work + At(d), below = reciprocal + 16;
            Vector512<ushort> first = Pairs(row, Vector512.Create(reciprocal[0]), Vector512.Create(below[0]));
            Vector512<ushort> second = Pairs(row + KvFormats.GroupSize, Vector512.Create(reciprocal[1]), Vector512.Create(below[1]));

            // Bytes of the first and the second group in turns, codes plus 8 and not yet clamped. Elements below 16 of each group go to the lower
            // half, the others to the upper.
            Vector512<byte> bytes = (first | Vector512.ShiftLeft(second, 8)).AsByte();
            Vector512<byte> clamped = Vector512.Min(Avx512BW.SubtractSaturate(bytes, Vector512.Create((byte)8)), Vector512.Create((byte)15));
            Vector512<byte> ordered = Avx512Vbmi.PermuteVar64x8(clamped, OrderOfPairs);
            (ordered.GetLower() | Vector256.ShiftLeft(ordered.GetUpper().AsUInt16(), 4).AsByte()).Store(codes);
        }
    }

    /// <summary>Rounded quotients plus 16 of a group, in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> Pairs(T* source, Vector512<float> reciprocal, Vector512<float> below)
    {
        WideRow.LoadPair(source, out Vector512<float> a, out Vector512<float> b);
        if (typeof(T) == typeof(Half))
        {
            a *= Vector512.Create(WideRow.HalfShift);
            b *= Vector512.Create(WideRow.HalfShift);
        }

        Vector512<uint> even = Rounded(a, reciprocal, below), odd = Rounded(b, reciprocal, below);
        return Vector512.ConditionalSelect(Vector512.Create(0xFFFFu), even, Vector512.ShiftLeft(odd, 16)).AsUInt16();
    }

    /// <summary>
    /// The nearest integer of value / step plus 16 in the low half of a lane, ties to even: 1.5 * 2^23 leaves it there. <paramref name="below"/> is
    /// -step.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Rounded(Vector512<float> value, Vector512<float> reciprocal, Vector512<float> below)
    {
        Vector512<float> quotient = value * reciprocal;
        quotient = Vector512.FusedMultiplyAdd(Vector512.FusedMultiplyAdd(quotient, below, value), reciprocal, quotient);
        return (quotient + Vector512.Create(12582912f + 16)).AsUInt32();
    }

    private static Vector512<byte> Order
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(
            (byte)0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 1, 5, 9, 13, 17, 21, 25, 29, 33, 37, 41, 45, 49, 53, 57, 61,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    private static Vector512<byte> OrderOfPairs
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(
            (byte)0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31,
            32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62, 33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61, 63);
    }
}
