using System.Runtime.CompilerServices;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>
/// How rows of a cache are widened to float, two vectors at a time. One type a storage format, so that the JIT puts the loads into the
/// micro-kernels.
/// </summary>
internal unsafe interface ICacheRows<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>Whether rows are plain floats: nothing is saved by widening them once for many query rows.</summary>
    static abstract bool IsFloat { get; }

    /// <summary>
    /// Elements whose order in the vectors is the format's own (see <see cref="Element"/>), a multiple of two vectors; it repeats from block to
    /// block. Sums do not mind an order that both sides have, so a format takes the one that its loads give for nothing, and queries and outputs
    /// are packed to match once a part.
    /// </summary>
    static abstract int Block { get; }

    /// <summary>The element that stands at <paramref name="position"/>, 0 to <see cref="Block"/> - 1, in the vectors of a block.</summary>
    static abstract int Element(int position);

    /// <summary>What loaded elements have to be multiplied by; a power of two. Queries and weights take it.</summary>
    static abstract float Factor { get; }

    /// <summary>Positions d to d + 2 * Lanes - 1 of a row; d is a multiple of 2 * Lanes.</summary>
    static abstract void Load(byte* row, float* factors, int d, out TVector first, out TVector second);

    /// <summary>Element d divided by <see cref="Factor"/>, exact for every bit pattern.</summary>
    static abstract float LoadOne(byte* row, float* factors, int d);

    /// <summary>Whether <see cref="Load"/> is exact for these rows; other rows are widened by <see cref="LoadOne"/>.</summary>
    static abstract bool CanLoad(byte** rows, int count, int width);
}

internal readonly unsafe struct FloatRows<TSimd, TVector> : ICacheRows<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public static bool IsFloat => true;

    public static int Block => 2 * TSimd.Lanes;

    public static float Factor => 1;

    public static int Element(int position) => position;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* row, float* factors, int d, out TVector first, out TVector second)
    {
        first = TSimd.Load((float*)row + d);
        second = TSimd.Load((float*)row + d + TSimd.Lanes);
    }

    public static float LoadOne(byte* row, float* factors, int d) => ((float*)row)[d];

    public static bool CanLoad(byte** rows, int count, int width) => true;
}

/// <summary>
/// float16: elements as value * 2^-112, and 2^112 in the queries (at most 65504, so that they stay finite) and weights. Rows with infinities or NaN
/// are staged.
/// </summary>
internal readonly unsafe struct HalfRows<TSimd, TVector> : ICacheRows<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public static bool IsFloat => false;

    public static int Block => 2 * TSimd.Lanes;

    public static float Factor => 5.192296858534828e33f;

    public static int Element(int position) => ElementOrder.EvenOdd(position, TSimd.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* row, float* factors, int d, out TVector first, out TVector second) =>
        TSimd.LoadHalfPair((ushort*)row + d, out first, out second);

    public static float LoadOne(byte* row, float* factors, int d) => (float)((Half*)row)[d] / Factor;

    public static bool CanLoad(byte** rows, int count, int width) => !HalfSpecials.Any(rows, count, width);
}

internal readonly unsafe struct BFloat16Rows<TSimd, TVector> : ICacheRows<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public static bool IsFloat => false;

    public static int Block => 2 * TSimd.Lanes;

    public static float Factor => 1;

    public static int Element(int position) => ElementOrder.EvenOdd(position, TSimd.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* row, float* factors, int d, out TVector first, out TVector second) =>
        TSimd.LoadBFloat16Pair((ushort*)row + d, out first, out second);

    public static float LoadOne(byte* row, float* factors, int d) => (float)((BFloat16*)row)[d];

    public static bool CanLoad(byte** rows, int count, int width) => true;
}

/// <summary>e4m3 where there is no AVX-512 VBMI; with it, <see cref="E4M3Tables"/> makes bfloat16 rows of a tile first.</summary>
internal readonly unsafe struct E4M3Rows<TSimd, TVector> : ICacheRows<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public static bool IsFloat => false;

    public static int Block => 2 * TSimd.Lanes;

    public static float Factor => 256;

    public static int Element(int position) => TSimd.E4M3EvenOdd ? ElementOrder.EvenOdd(position, TSimd.Lanes) : position;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* row, float* factors, int d, out TVector first, out TVector second) =>
        TSimd.LoadE4M3(row + d, out first, out second);

    public static float LoadOne(byte* row, float* factors, int d) => Float8E4M3.Decode(row[d]) / Factor;

    public static bool CanLoad(byte** rows, int count, int width) => !E4M3Specials.Any(rows, count, width);
}

/// <summary>int4 of any width; <see cref="Int4BlockRows"/> has those that fill 512-bit vectors with codes.</summary>
internal readonly unsafe struct Int4Rows<TSimd, TVector> : ICacheRows<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public static bool IsFloat => false;

    public static int Block => 2 * TSimd.Lanes;

    public static float Factor => 1;

    public static int Element(int position) => position;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* row, float* factors, int d, out TVector first, out TVector second)
    {
        int group = d / KvFormats.GroupSize;
        TVector factor = TSimd.Create(factors[group]);
        TSimd.LoadInt4(row + (group * 16) + (d & 15), (d & 16) >> 2, factor, out first, out second);
    }

    public static float LoadOne(byte* row, float* factors, int d)
    {
        int pair = row[(d / KvFormats.GroupSize * 16) + (d & 15)];
        return factors[d / KvFormats.GroupSize] * (((d & 16) == 0 ? pair & 15 : pair >> 4) - 8);
    }

    public static bool CanLoad(byte** rows, int count, int width) => true;
}
