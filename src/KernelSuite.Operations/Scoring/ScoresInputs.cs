using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring;

/// <summary>Inputs of attention_scores cases.</summary>
internal static class ScoresInputs
{
    public static void Fill(ScoresProblem problem, string inputs, ulong seed, HostOperands operands)
    {
        ScoringShape s = problem.Shape;
        int[] lengths = [.. Enumerable.Repeat(s.KvLength, s.Batch)];
        if (problem.Has(ScoresOperands.KvLengths))
        {
            ScoringInputs.FillLengths(lengths, s.KvLength, s.QueryLength, seed);
            lengths.CopyTo(operands.Data<int>(ScoresProblem.KvLengths));
        }

        if (problem.Has(ScoresOperands.Previous)) FillPrevious(problem, lengths, seed, operands.Data<float>(ScoresProblem.Previous));
        if (problem.FromLogits) FillLogits(problem, inputs, lengths, seed, operands);
        else if (problem.DType == DType.Float32) FillProducts<float>(problem, inputs, lengths, seed, operands);
        else if (problem.DType == DType.Float16) FillProducts<Half>(problem, inputs, lengths, seed, operands);
        else FillProducts<BFloat16>(problem, inputs, lengths, seed, operands);
    }

    private static void FillProducts<T>(ScoresProblem problem, string inputs, int[] lengths, ulong seed, HostOperands operands)
        where T : unmanaged
    {
        ScoringShape s = problem.Shape;
        Span<T> q = operands.Data<T>(ScoresProblem.Q), k = operands.Data<T>(ScoresProblem.K);
        ScoringInputs.FillTensor(q, s.Batch, s.QueryHeads, s.QueryLength, s.HeadDim, problem.QStrides, seed ^ 0x51, inputs, isKeys: false);
        ScoringInputs.FillTensor(k, s.Batch, s.KvHeads, s.KvLength, s.HeadDim, problem.KStrides, seed ^ 0x4B, inputs, isKeys: true);
        ScoringInputs.FillLse(
            s, q, problem.QStrides, k, problem.KStrides, problem.Scale, problem.Options.SoftCap,
            (row, batch) => problem.VisibleKeys(row, lengths[batch]), operands.Data<float>(ScoresProblem.Lse));
        if (problem.Has(ScoresOperands.KvLengths)) ScoringInputs.PoisonPadding(k, lengths, s.KvHeads, s.KvLength, s.HeadDim, problem.KStrides);
    }

    /// <summary>Logits as an attention kernel with a causal mask leaves them: -infinity above the diagonal, anything past the length.</summary>
    private static void FillLogits(ScoresProblem problem, string inputs, int[] lengths, ulong seed, HostOperands operands)
    {
        ScoringShape s = problem.Shape;
        TensorStrides strides = problem.LogitStrides;
        var random = new SeededRandom(seed ^ 0x6C);
        double factor = inputs == ScoringInputs.ExtremeLogits ? 33 : 2;
        Span<float> logits = operands.Data<float>(ScoresProblem.Logits), lse = operands.Data<float>(ScoresProblem.Lse);
        for (int b = 0; b < s.Batch; b++)
        {
            for (int h = 0; h < s.QueryHeads; h++)
            {
                for (int i = 0; i < s.QueryLength; i++)
                {
                    Span<float> row = logits.Slice((int)((b * strides.Batch) + (h * strides.Head) + (i * strides.Row)), s.KvLength);
                    int visible = Math.Max(0, lengths[b] - s.QueryLength + i + 1);
                    double max = double.NegativeInfinity, sum = 0;
                    for (int j = 0; j < row.Length; j++)
                    {
                        row[j] = j >= lengths[b] ? float.NaN : j >= visible ? float.NegativeInfinity : (float)(factor * random.NextNormal());
                        if (j < visible) max = Math.Max(max, row[j]);
                    }

                    foreach (float logit in row[..visible]) sum += Math.Exp(logit - max);
                    lse[(((b * s.QueryHeads) + h) * s.QueryLength) + i] = visible == 0 ? float.NegativeInfinity : (float)(max + Math.Log(sum));
                }
            }
        }
    }

    /// <summary>Scores of earlier steps; NaN in slots that hold no key yet.</summary>
    private static void FillPrevious(ScoresProblem problem, int[] lengths, ulong seed, Span<float> previous)
    {
        ScoringShape s = problem.Shape;
        var random = new SeededRandom(seed ^ 0x50);
        for (int row = 0; row < s.Batch * s.KvHeads; row++)
        {
            Span<float> scores = previous.Slice((int)(row * problem.ScoreRow), s.KvLength);
            for (int j = 0; j < scores.Length; j++) scores[j] = j < lengths[row / s.KvHeads] ? (float)random.NextUniform() : float.NaN;
        }
    }
}
