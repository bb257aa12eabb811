using System.Numerics.Tensors;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Attention.Cpu;

/// <summary>The baseline: a task a query row, three passes over its materialised scores, library vector primitives.</summary>
internal sealed unsafe class NaiveCpuAttentionKernel<T>(AttentionProblem problem, NaiveScratch scratch) : CpuAttentionKernelBase
    where T : unmanaged
{
    public override long Tasks => problem.UnitCount;

    public override void Execute(long task, int worker)
    {
        AttentionShape s = problem.Shape;
        (int b, int h, int i) = problem.Locate(task);
        int kvHead = h / (s.QueryHeads / s.KvHeads);
        (int from, int to) = problem.VisibleKeys(i, Arguments.KvLengths == null ? s.KvLength : Arguments.KvLengths[b]);
        float* query = scratch.Part(worker);
        float* other = query + AttentionShape.MaxHeadDim;
        float* output = other + AttentionShape.MaxHeadDim;
        var scores = new Span<float>(output + AttentionShape.MaxHeadDim, to - from);
        var sums = new Span<float>(output, s.ValueDim);
        sums.Clear();

        Widen((T*)Arguments.Q + Offset(problem.QStrides, b, h, i), query, s.HeadDim);
        for (int j = from; j < to; j++)
        {
            Widen((T*)Arguments.K + Offset(problem.KStrides, b, kvHead, j), other, s.HeadDim);
            float score = TensorPrimitives.Dot(new ReadOnlySpan<float>(query, s.HeadDim), new ReadOnlySpan<float>(other, s.HeadDim)) * problem.Scale;
            float cap = problem.Options.SoftCap;
            scores[j - from] = cap > 0 ? cap * MathF.Tanh(score / cap) : score;
        }

        float max = scores.IsEmpty ? float.NegativeInfinity : TensorPrimitives.Max<float>(scores);
        float sum = 0;
        if (!scores.IsEmpty)
        {
            TensorPrimitives.Subtract(scores, max, scores);
            TensorPrimitives.Exp<float>(scores, scores);
            sum = TensorPrimitives.Sum<float>(scores);
        }

        for (int j = from; j < to; j++)
        {
            Widen((T*)Arguments.V + Offset(problem.VStrides, b, kvHead, j), other, s.ValueDim);
            TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(other, s.ValueDim), scores[j - from], sums, sums);
        }

        T* target = (T*)Arguments.Out + Offset(problem.OutStrides, b, h, i);
        for (int d = 0; d < s.ValueDim; d++) target[d] = Storage.FromSingle<T>(scores.IsEmpty ? 0 : sums[d] / sum);
        if (Arguments.Lse != null) Arguments.Lse[task] = scores.IsEmpty ? float.NegativeInfinity : max + MathF.Log(sum);
    }

    private static long Offset(TensorStrides strides, int batch, int head, int row) =>
        (batch * strides.Batch) + (head * strides.Head) + (row * strides.Row);

    private static void Widen(T* source, float* target, int width)
    {
        var to = new Span<float>(target, width);
        if (typeof(T) == typeof(float)) new ReadOnlySpan<float>(source, width).CopyTo(to);
        else if (typeof(T) == typeof(Half)) TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>(source, width), to);
        else for (int d = 0; d < width; d++) target[d] = Storage.ToSingle(source[d]);
    }
}

/// <summary>Score row and three vectors for each worker of the baseline.</summary>
internal sealed unsafe class NaiveScratch(AttentionShape shape, int threads) : IDisposable
{
    private readonly HostBuffer<float> floats = new((shape.KvLength + (3L * AttentionShape.MaxHeadDim)) * threads);

    public long Bytes => floats.Length * sizeof(float);

    /// <summary>A worker's three vectors of <see cref="AttentionShape.MaxHeadDim"/> floats, followed by its score row.</summary>
    public float* Part(int worker) => floats.Pointer + (worker * (shape.KvLength + (3L * AttentionShape.MaxHeadDim)));

    public void Dispose() => floats.Dispose();
}
