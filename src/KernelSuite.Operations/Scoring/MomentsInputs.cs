using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring;

/// <summary>Inputs of attention_moments cases.</summary>
internal static class MomentsInputs
{
    public static void Fill(MomentsProblem problem, string inputs, ulong seed, HostOperands operands)
    {
        switch (problem.DType)
        {
            case DType.Float32: Fill<float>(problem, inputs, seed, operands); break;
            case DType.Float16: Fill<Half>(problem, inputs, seed, operands); break;
            default: Fill<BFloat16>(problem, inputs, seed, operands); break;
        }
    }

    private static void Fill<T>(MomentsProblem problem, string inputs, ulong seed, HostOperands operands)
        where T : unmanaged
    {
        ScoringShape s = problem.Shape;
        int[] lengths = [.. Enumerable.Repeat(s.KvLength, s.Batch)];
        if (problem.HasKvLengths)
        {
            ScoringInputs.FillLengths(lengths, s.KvLength, s.QueryLength, seed);
            lengths.CopyTo(operands.Data<int>(MomentsProblem.KvLengths));
        }

        Span<T> q = operands.Data<T>(MomentsProblem.Q), k = operands.Data<T>(MomentsProblem.K);
        ScoringInputs.FillTensor(q, s.Batch, s.QueryHeads, s.QueryLength, s.HeadDim, problem.QStrides, seed ^ 0x51, inputs, isKeys: false);
        ScoringInputs.FillTensor(k, s.Batch, s.KvHeads, s.KvLength, s.HeadDim, problem.KStrides, seed ^ 0x4B, inputs, isKeys: true);

        // Row i of the window stands at position length - W + i and sees the keys up to it.
        ScoringInputs.FillLse(
            s, q, problem.QStrides, k, problem.KStrides, problem.Scale, problem.Options.SoftCap,
            (row, batch) => Math.Max(0, lengths[batch] - s.QueryLength + row + 1), operands.Data<float>(MomentsProblem.Lse));
        if (problem.HasKvLengths) ScoringInputs.PoisonPadding(k, lengths, s.KvHeads, s.KvLength, s.HeadDim, problem.KStrides);
    }
}
