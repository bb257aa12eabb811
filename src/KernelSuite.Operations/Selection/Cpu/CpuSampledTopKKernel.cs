using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Selection.Cpu;

/// <summary>
/// Selection by a sample's bounds, on vectors of 512 bits. One pass marks with a bit each what lies above the upper bound, which is surely
/// wanted, and what lies between the bounds, and copies the latter's scores: the candidates. The k-th largest is found among these, the bits of
/// those that are wanted join the sure ones, and positions are made of the bits. Where few are wanted candidates are copied with their positions
/// in place of marks. Where a bound misses, the radix passes select the row.
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
        if (state.IsSampled) Emit(in state, 0, worker, state.Wanted, target);
        else TopKScan.EmitAll(0, state.Count, target);
        new Span<int>(target + state.Count, problem.Selected - state.Count).Fill(-1);
    }

    private SampledRow Start(int row)
    {
        (int length, int count) = radix.Extent(row);
        var state = new SampledRow { Length = length, Count = count };
        if (!state.IsSampled) return state;
        Span<int> one = [length];
        state.Bounds = SampledBounds.Of(new ScoreRuns(radix.Scores + (row * problem.ScoreStride), 0, one), length, count);
        state.IsSparse = count <= length / SparseScan.Ratio && float.IsPositiveInfinity(state.Bounds.High);
        return state;
    }

    private void Collect(int row, int piece, int part, in SampledRow state)
    {
        (int from, int length) = PieceOf(piece, state.Length);
        float* scores = radix.Scores + (row * problem.ScoreStride) + from;
        float* candidates = scratch.Candidates(part);
        (scratch.Blocks[part], scratch.Above[part], scratch.Between[part]) = state.IsSparse
            ? (0, 0, SparseScan.Collect(scores, length, from, state.Bounds.Low, candidates, scratch.Positions(part)))
            : CandidateScan.Mark(scores, length, state.Bounds, scratch.Marks(part), candidates);
        scratch.Kept[part] = scratch.Between[part];
    }

    /// <summary>Finds the threshold of a row, and how many of each piece are above it and equal it.</summary>
    /// <returns>False where the k-th largest is not between the bounds.</returns>
    private bool Choose(ref SampledRow state, int firstPart, int parts)
    {
        ScoreRuns runs = scratch.Runs(firstPart, parts), narrowed = scratch.Narrowed(firstPart, parts);
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
                runs.Lengths[run] = CandidateScan.Narrow(
                    runs.Run(run), runs.Lengths[run], state.Bounds.Low, state.Bounds.High, narrowed.Run(run), ref above[run]);
            }

            runs = narrowed;
        }

        runs.Fence();
        (float low, float high) = state.Bounds;
        if (float.IsInfinity(low) || float.IsInfinity(high)) (low, high) = runs.Extremes();
        state.Threshold = runs.LeastFrom(runs.ScoreOf(state.Wanted, state.Wanted, low, high));
        for (int run = 0; run < parts; run++)
        {
            int over = runs.Above(run, state.Threshold);
            above[run] += over;
            state.Wanted -= over;
            runs.Lengths[run] = runs.AtLeast(run, state.Threshold) - over;
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
                int taken = Math.Min(scratch.Kept[part], ties);
                target += scratch.Above[part] + taken;
                ties -= taken;
            }

            Emit(in state, piece, (row * pieces) + piece, ties, target);
        }
        else if (state.Count > 0)
        {
            (int from, int length) = PieceOf(piece, state.Count);
            TopKScan.EmitAll(from, from + length, target);
        }
    }

    private void Emit(in SampledRow state, int piece, int part, int ties, int* target)
    {
        ties = Math.Min(ties, scratch.Kept[part]);
        int between = scratch.Between[part], blocks = scratch.Blocks[part], taken = scratch.Above[part] + ties;
        float* candidates = scratch.Candidates(part);
        if (state.IsSparse)
        {
            SparseScan.Emit(candidates, scratch.Positions(part), between, state.Threshold, ties, taken, target);
            return;
        }

        ScoreMarks marks = scratch.Marks(part);
        marks.Choose(candidates, between, state.Threshold, ties);
        PositionScan.Emit(marks.Expand(blocks), marks.Offsets, blocks, PieceOf(piece, state.Length).From, taken, target);
    }

    private (int From, int Length) PieceOf(int piece, int length)
    {
        int from = (int)Math.Min((long)piece * shared.PieceLength, length);
        return (from, Math.Min(shared.PieceLength, length - from));
    }
}
