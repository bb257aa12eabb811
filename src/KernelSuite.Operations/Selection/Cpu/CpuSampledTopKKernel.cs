using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Selection.Cpu;

/// <summary>
/// Selection by a sample's bounds, on vectors of 512 bits. One pass copies what is at least the lower bound, with positions. Of the copy, which is
/// little more than what is wanted, the scores up to the upper bound hold the k-th largest: samples of them narrow the bounds until bisection finds
/// it. Then the positions that are wanted are copied out of the candidates. Where a bound misses, the radix passes select the row.
/// </summary>
internal sealed unsafe class CpuSampledTopKKernel(
    TopKProblem problem, int pieces, CpuTopKScratch shared, SampledScratch scratch, CpuTopKKernel radix) : ICpuKernel
{
    private readonly SampledRow[] rows = new SampledRow[pieces > 1 ? problem.Rows : 0];

    /// <summary>What the tasks of a run do where rows are cut into pieces. Bounds is a task a row, the others are a task a piece.</summary>
    public enum Step
    {
        Bounds,
        Collection,
        Emission,
    }

    /// <summary>The present run's.</summary>
    public Step Present;

    public void Execute(long task, int worker)
    {
        if (pieces == 1)
        {
            Select((int)task, worker);
            return;
        }

        if (Present == Step.Bounds)
        {
            rows[task] = Start((int)task);
            return;
        }

        (int row, int piece) = Math.DivRem((int)task, pieces);
        if (Present == Step.Emission) EmitPiece(row, piece);
        else if (rows[row].IsSampled) Collect(row, piece, (int)task, in rows[row]);
    }

    /// <summary>Between collection and emission: the threshold of each row.</summary>
    /// <returns>Whether each was found; the radix kernel, started, has the rows that missed.</returns>
    public bool Choose()
    {
        bool all = true;
        for (int row = 0; row < problem.Rows; row++)
        {
            if (!rows[row].IsSampled || Choose(ref rows[row], row * pieces, pieces)) continue;
            rows[row].Count = -1;
            all = false;
        }

        if (!all) radix.Begin();
        for (int row = 0; row < problem.Rows && !all; row++)
            if (rows[row].Count >= 0) radix.Skip(row);
        return all;
    }

    private void Select(int row, int worker)
    {
        SampledRow state = Start(row);
        if (state.IsSampled)
        {
            Collect(row, 0, worker, in state);
            if (!Choose(ref state, worker, 1))
            {
                radix.Select(row, worker);
                return;
            }
        }

        int* target = radix.Indices + (row * problem.IndexStride);
        if (state.IsSampled) Emit(in state, worker, state.Wanted, target);
        else for (int i = 0; i < state.Count; i++) target[i] = i;
        new Span<int>(target + state.Count, problem.Selected - state.Count).Fill(-1);
    }

    private SampledRow Start(int row)
    {
        (int length, int count) = radix.Extent(row);
        var state = new SampledRow { Length = length, Count = count };
        if (!state.IsSampled) return state;
        Span<int> one = [length];
        state.Bounds = SampledBounds.Of(new ScoreRuns(radix.Scores + (row * problem.ScoreStride), 0, one), length, count);
        return state;
    }

    private void Collect(int row, int piece, int part, in SampledRow state)
    {
        int from = (int)Math.Min((long)piece * shared.PieceLength, state.Length), length = Math.Min(shared.PieceLength, state.Length - from);
        float* scores = radix.Scores + (row * problem.ScoreStride) + from, values = scratch.Values(part);
        int found = CandidateScan.Collect(scores, length, from, state.Bounds.Low, values, scratch.Positions(part)), above = 0;
        scratch.Found[part] = found;
        scratch.Between[part] = CandidateScan.Narrow(values, found, state.Bounds.Low, state.Bounds.High, scratch.Narrowed(part), ref above);
        scratch.Above[part] = above;
    }

    /// <summary>Finds the threshold of a row, and how many of each piece are above it and equal it.</summary>
    /// <returns>False where the k-th largest is not between the bounds.</returns>
    private bool Choose(ref SampledRow state, int firstPart, int parts)
    {
        ScoreRuns runs = scratch.Runs(firstPart, parts);
        Span<int> above = scratch.Above.AsSpan(firstPart, parts);
        int before = int.MaxValue;
        while (true)
        {
            int total = runs.Total;
            state.Wanted = state.Count;
            foreach (int piece in above) state.Wanted -= piece;
            if (state.Wanted < 1 || state.Wanted > total) return false;
            state.Threshold = state.Bounds.Low;
            if (state.Bounds.Low == state.Bounds.High) return true;

            // Many equal scores may lie at both bounds: then samples do not narrow them.
            if (total <= SampledBounds.Few || total > before / 2) break;
            before = total;
            state.Bounds = SampledBounds.Of(runs, total, state.Wanted);
            for (int run = 0; run < parts; run++)
            {
                float* scores = runs.Run(run);
                runs.Lengths[run] = CandidateScan.Narrow(scores, runs.Lengths[run], state.Bounds.Low, state.Bounds.High, scores, ref above[run]);
            }
        }

        runs.ToKeys();
        uint threshold = runs.KeyOf(state.Wanted, ScoreKey.Of(state.Bounds.Low), ScoreKey.Of(state.Bounds.High));
        state.Threshold = ScoreKey.ScoreOf(threshold);
        for (int run = 0; run < parts; run++)
        {
            int over = runs.AtLeast(run, threshold + 1);
            above[run] += over;
            state.Wanted -= over;
            runs.Lengths[run] = runs.AtLeast(run, threshold) - over;
        }

        return true;
    }

    /// <summary>A piece writes behind what the pieces before it write.</summary>
    private void EmitPiece(int row, int piece)
    {
        ref SampledRow state = ref rows[row];
        if (state.Count < 0) return;
        int* target = radix.Indices + (row * problem.IndexStride);
        if (piece == 0) new Span<int>(target + state.Count, problem.Selected - state.Count).Fill(-1);
        if (state.IsSampled)
        {
            int ties = state.Wanted;
            for (int part = row * pieces; part < (row * pieces) + piece; part++)
            {
                int taken = Math.Min(scratch.Between[part], ties);
                target += scratch.Above[part] + taken;
                ties -= taken;
            }

            Emit(in state, (row * pieces) + piece, ties, target);
        }
        else if (state.Count > 0)
        {
            int to = (int)Math.Min((piece + 1L) * shared.PieceLength, state.Count);
            for (int i = piece * shared.PieceLength; i < to; i++) target[i] = i;
        }
    }

    private void Emit(in SampledRow state, int part, int ties, int* target)
    {
        ties = Math.Min(ties, scratch.Between[part]);
        CandidateScan.Emit(
            scratch.Values(part), scratch.Positions(part), scratch.Found[part], state.Threshold, ties, scratch.Above[part] + ties, target);
    }

    /// <summary>Where a row's selection stands. Of the scores that equal <see cref="Threshold"/> the first <see cref="Wanted"/> are taken.</summary>
    private struct SampledRow
    {
        public int Length;
        public int Count;
        public int Wanted;
        public float Threshold;
        public SampledBounds Bounds;

        /// <summary>Whether there is anything to choose: some are wanted, not all.</summary>
        public readonly bool IsSampled => Count > 0 && Count < Length;
    }
}
