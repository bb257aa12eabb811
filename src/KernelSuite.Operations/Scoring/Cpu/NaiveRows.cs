using System.Numerics.Tensors;
using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring.Cpu;

/// <summary>Rows of probabilities for the baselines: a dot product a key with library vector primitives.</summary>
internal static unsafe class NaiveRows<T>
    where T : unmanaged
{
    /// <summary>P = exp(logit - lse) of one query row against the first keys of a head.</summary>
    /// <param name="q">The row.</param>
    /// <param name="k">First key.</param>
    /// <param name="keyStride">Elements from one key to the next.</param>
    /// <param name="headDim">D.</param>
    /// <param name="scale">Factor on the products.</param>
    /// <param name="softCap">Soft-cap; 0 for none.</param>
    /// <param name="lse">The row's LSE.</param>
    /// <param name="scratch">2 * 256 floats.</param>
    /// <param name="row">Receives a probability a key.</param>
    public static void Probabilities(T* q, T* k, long keyStride, int headDim, float scale, float softCap, float lse, float* scratch, Span<float> row)
    {
        var query = new Span<float>(scratch, headDim);
        var key = new Span<float>(scratch + AttentionShape.MaxHeadDim, headDim);
        Widen(q, query);
        for (int j = 0; j < row.Length; j++, k += keyStride)
        {
            Widen(k, key);
            row[j] = TensorPrimitives.Dot<float>(query, key) * scale;
        }

        if (softCap > 0)
        {
            TensorPrimitives.Divide(row, softCap, row);
            TensorPrimitives.Tanh<float>(row, row);
            TensorPrimitives.Multiply(row, softCap, row);
        }

        FromLogits(lse, row);
    }

    /// <summary>Logits become exp(logit - lse).</summary>
    public static void FromLogits(float lse, Span<float> row)
    {
        if (float.IsNegativeInfinity(lse))
        {
            row.Clear();
            return;
        }

        TensorPrimitives.Subtract(row, lse, row);
        // One exponential after the other: TensorPrimitives.Exp is off by more than the last bit, which a baseline must not be.
        for (int j = 0; j < row.Length; j++) row[j] = MathF.Exp(row[j]);
    }

    private static void Widen(T* source, Span<float> target)
    {
        if (typeof(T) == typeof(float)) new ReadOnlySpan<float>(source, target.Length).CopyTo(target);
        else if (typeof(T) == typeof(Half)) TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>(source, target.Length), target);
        else for (int d = 0; d < target.Length; d++) target[d] = Storage.ToSingle(source[d]);
    }
}

/// <summary>Scratch of the baselines: two widened rows, and rows of keys.</summary>
internal sealed unsafe class NaiveScoringScratch(int keys, int rows, int threads) : IDisposable
{
    private const int Widened = 2 * AttentionShape.MaxHeadDim;

    private readonly HostBuffer<float> floats = new(((long)keys * rows + Widened) * threads);

    public long Bytes => floats.Length * sizeof(float);

    /// <summary>A worker's part: 512 floats, followed by its rows.</summary>
    public float* Part(int worker) => floats.Pointer + (worker * ((long)keys * rows + Widened));

    /// <summary>The worker's first row.</summary>
    public float* Rows(int worker) => Part(worker) + Widened;

    public void Dispose() => floats.Dispose();
}
