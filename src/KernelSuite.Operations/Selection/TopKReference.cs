namespace KernelSuite.Operations.Selection;

/// <summary>Selection from its definition: positions sorted by score, the first k of them in order.</summary>
internal static class TopKReference
{
    public static void Select(TopKProblem problem, HostOperands operands, int row, double[] output, int hidden = 0)
    {
        int length = problem.HasLengths ? Math.Clamp(operands.Data<int>(TopKProblem.Lengths)[row], 0, problem.Columns) : problem.Columns;
        int count = problem.HasCounts ? Math.Clamp(operands.Data<int>(TopKProblem.Counts)[row], 0, problem.Selected) : problem.Selected;
        float[] scores = length == 0 ? [] : operands.Data<float>(TopKProblem.Scores).Slice((int)(row * problem.ScoreStride), length).ToArray();

        // A kernel that drops its last tile does not see the scores in it.
        int seen = Math.Max(0, length - hidden);
        count = Math.Min(count, length);
        int[] order = [.. Enumerable.Range(0, length).OrderBy(i => i < seen ? 0 : 1)
            .ThenByDescending(i => float.IsNaN(scores[i]) ? 0 : 1).ThenByDescending(i => float.IsNaN(scores[i]) ? 0 : (double)scores[i] + 0.0).ThenBy(i => i).Take(count).Order()];
        Array.Fill(output, -1);
        for (int i = 0; i < count; i++) output[i] = order[i];
    }
}
