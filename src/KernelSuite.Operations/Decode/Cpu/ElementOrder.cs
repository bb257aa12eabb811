using KernelSuite.Operations.Attention;
using KernelSuite.Operations.Simd;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>Orders in which vectors hold the elements of a block of a row.</summary>
internal static class ElementOrder
{
    /// <summary>Elements 0, 2, .. in the first of two vectors and 1, 3, .. in the second.</summary>
    public static int EvenOdd(int position, int lanes) => position < lanes ? 2 * position : (2 * (position - lanes)) + 1;
}

/// <summary>The order of a format over the widest row, and the way there and back.</summary>
internal static unsafe class ElementOrder<TSimd, TVector, TRows>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TRows : struct, ICacheRows<TSimd, TVector>
{
    private static readonly int[] Elements = Make();

    /// <summary>
    /// target[position] = factor * source[element] for the first <paramref name="ordered"/> elements, whole blocks; the others stay in order.
    /// </summary>
    public static void Pack(float* source, float* target, int ordered, int width, float factor)
    {
        fixed (int* elements = Elements)
            for (int p = 0; p < ordered; p++) target[p] = source[elements[p]] * factor;
        for (int p = ordered; p < width; p++) target[p] = source[p] * factor;
    }

    /// <summary>target[element] = source[position], the way back.</summary>
    public static void Unpack(float* source, float* target, int ordered, int width)
    {
        fixed (int* elements = Elements)
            for (int p = 0; p < ordered; p++) target[elements[p]] = source[p];
        for (int p = ordered; p < width; p++) target[p] = source[p];
    }

    /// <summary>The element at a position of a row of whole blocks.</summary>
    public static int At(int position) => Elements[position];

    private static int[] Make()
    {
        int[] elements = new int[AttentionShape.MaxHeadDim];
        for (int p = 0; p < elements.Length; p++) elements[p] = (p / TRows.Block * TRows.Block) + TRows.Element(p % TRows.Block);
        return elements;
    }
}
