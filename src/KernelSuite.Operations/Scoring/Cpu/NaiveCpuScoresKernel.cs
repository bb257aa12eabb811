using System.Numerics.Tensors;

namespace KernelSuite.Operations.Scoring.Cpu;

/// <summary>The baseline of attention_scores: a task a KV head, one row of probabilities after the other.</summary>
internal sealed unsafe class NaiveCpuScoresKernel<T>(ScoresProblem problem, NaiveScoringScratch scratch, CpuScoringWorkspace workspace)
    : CpuScoresKernelBase(problem, workspace)
    where T : unmanaged
{
    /// <summary>Rows of keys in scratch: probabilities, sums, squares, group.</summary>
    public const int ScratchRows = 4;

    public override long Tasks => (long)Problem.Shape.Batch * Problem.Shape.KvHeads;

    public override void Execute(long task, int worker)
    {
        ScoringShape s = Problem.Shape;
        int keys = s.KvLength;
        (long b, long kvHead) = Math.DivRem(task, s.KvHeads);
        float* row = scratch.Rows(worker), sums = row + keys, squares = sums + keys, group = squares + keys;
        int length = Length(b);
        new Span<float>(group, keys).Clear();
        for (int g = 0; g < s.HeadsPerKv; g++)
        {
            long h = (kvHead * s.HeadsPerKv) + g;
            long head = (b * s.QueryHeads) + h;
            var sum = new Span<float>(sums, keys);
            var square = new Span<float>(squares, keys);
            sum.Clear();
            square.Clear();
            for (int i = 0; i < s.QueryLength; i++)
            {
                var p = new Span<float>(row, Problem.VisibleKeys(i, length));
                Probabilities(b, h, kvHead, i, Arguments.Lse[(head * s.QueryLength) + i], worker, p);
                TensorPrimitives.Add(sum[..p.Length], p, sum);
                TensorPrimitives.MultiplyAdd(p, p, square[..p.Length], square);
            }

            StoreHead(sums, squares, group, head, 0, length, keys);
        }

        Finish(group, task, 0, keys);
    }

    private void Probabilities(long b, long h, long kvHead, int i, float lse, int worker, Span<float> row)
    {
        if (Problem.FromLogits)
        {
            float* logits = Arguments.Logits + (b * Problem.LogitStrides.Batch) + (h * Problem.LogitStrides.Head) + (i * Problem.LogitStrides.Row);
            new ReadOnlySpan<float>(logits, row.Length).CopyTo(row);
            NaiveRows<T>.FromLogits(lse, row);
            return;
        }

        T* q = (T*)Arguments.Q + (b * Problem.QStrides.Batch) + (h * Problem.QStrides.Head) + (i * Problem.QStrides.Row);
        T* k = (T*)Arguments.K + (b * Problem.KStrides.Batch) + (kvHead * Problem.KStrides.Head);
        NaiveRows<T>.Probabilities(
            q, k, Problem.KStrides.Row, Problem.Shape.HeadDim, Problem.Scale, Problem.Options.SoftCap, lse, scratch.Part(worker), row);
    }
}
