using System.Runtime.CompilerServices;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>How rows of a cache are widened to float, two vectors at a time. One type a storage format, so that the JIT puts the loads into the micro-kernels.</summary>
internal unsafe interface ICacheRows<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>Whether rows are plain floats: nothing is saved by widening them once for many query rows.</summary>
    static abstract bool IsFloat { get; }

    /// <summary>Whether a pair of vectors holds elements 0, 2, .. and 1, 3, ..; queries are packed, and outputs unpacked, to match.</summary>
    static abstract bool EvenOdd { get; }

    /// <summary>What loaded elements have to be multiplied by; a power of two.</summary>
    static abstract float Factor { get; }

    /// <summary>Elements d to d + 2 * Lanes - 1 of a row; d is a multiple of 2 * Lanes.</summary>
    static abstract void Load(byte* row, float* factors, int d, out TVector first, out TVector second);

    /// <summary>One element, exact, with <see cref="Factor"/> in it already.</summary>
    static abstract float LoadOne(byte* row, float* factors, int d);
}

internal readonly unsafe struct FloatRows<TSimd, TVector> : ICacheRows<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public static bool IsFloat => true;

    public static bool EvenOdd => false;

    public static float Factor => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* row, float* factors, int d, out TVector first, out TVector second)
    {
        first = TSimd.Load((float*)row + d);
        second = TSimd.Load((float*)row + d + TSimd.Lanes);
    }

    public static float LoadOne(byte* row, float* factors, int d) => ((float*)row)[d];
}

internal readonly unsafe struct HalfRows<TSimd, TVector> : ICacheRows<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public static bool IsFloat => false;

    public static bool EvenOdd => false;

    public static float Factor => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* row, float* factors, int d, out TVector first, out TVector second)
    {
        first = TSimd.LoadHalf((ushort*)row + d);
        second = TSimd.LoadHalf((ushort*)row + d + TSimd.Lanes);
    }

    public static float LoadOne(byte* row, float* factors, int d) => (float)((Half*)row)[d];
}

internal readonly unsafe struct BFloat16Rows<TSimd, TVector> : ICacheRows<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public static bool IsFloat => false;

    public static bool EvenOdd => false;

    public static float Factor => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* row, float* factors, int d, out TVector first, out TVector second)
    {
        first = TSimd.LoadBFloat16((ushort*)row + d);
        second = TSimd.LoadBFloat16((ushort*)row + d + TSimd.Lanes);
    }

    public static float LoadOne(byte* row, float* factors, int d) => (float)((BFloat16*)row)[d];
}

internal readonly unsafe struct E4M3Rows<TSimd, TVector> : ICacheRows<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public static bool IsFloat => false;

    public static bool EvenOdd => TSimd.E4M3EvenOdd;

    public static float Factor => 256;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* row, float* factors, int d, out TVector first, out TVector second) => TSimd.LoadE4M3(row + d, out first, out second);

    public static float LoadOne(byte* row, float* factors, int d) => Float8E4M3.Decode(row[d]);
}

internal readonly unsafe struct Int4Rows<TSimd, TVector> : ICacheRows<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    public static bool IsFloat => false;

    public static bool EvenOdd => false;

    public static float Factor => 1;

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
}
