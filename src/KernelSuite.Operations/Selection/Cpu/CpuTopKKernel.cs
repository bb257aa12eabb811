using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Selection.Cpu;

/// <summary>
/// Radix select and stable emission. Where there are rows enough a task is a row. Otherwise a row is cut into pieces, and each step (count the first
/// digit, gather and count the second, count the third, emit) is a run of tasks over the pieces; between steps the caller adds their histograms up.
/// </summary>
internal sealed unsafe class CpuTopKKernel(TopKProblem problem, int lanes, int pieces, CpuTopKScratch scratch) : ICpuKernel
{
    /// <summary>The whole selection of a row in one task.</summary>
    public const int WholeRow = 4;

    /// <summary>After three digits, emission.</summary>
    public const int Emission = 3;

    public float* Scores;
    public int* Lengths;
    public int* Counts;
    public int* Indices;

    /// <summary>What the tasks of the present run do: a digit, <see cref="Emission"/> or <see cref="WholeRow"/>.</summary>
    public int Step = WholeRow;

    private readonly TopKState[] states = new TopKState[pieces > 1 ? problem.Rows : 0];

    public long Tasks => (long)problem.Rows * pieces;

    public void Execute(long task, int worker)
    {
        if (Step == WholeRow)
        {
            Select((int)task, worker);
            return;
        }

        (int row, int piece) = Math.DivRem((int)task, pieces);
        ref TopKState state = ref states[row];
        (int from, int length) = PieceOf(piece, state.Length);
        if (Step < Emission)
        {
            if (state.Count > 0) Scan(Step, row, from, length, in state, (int)task, worker);
            return;
        }

        if (state.Count >= 0) Emit(row, piece, in state, from, length);
    }

    /// <summary>Starts the rows of a launch that is cut into pieces.</summary>
    public void Begin()
    {
        for (int row = 0; row < problem.Rows; row++) states[row] = StateOf(row);
    }

    /// <summary>Leaves a row out of a launch that is cut into pieces, after <see cref="Begin"/>.</summary>
    public void Skip(int row) => states[row] = new TopKState { Count = -1 };

    /// <summary>Scores of a row that count, and how many of them are wanted.</summary>
    public (int Length, int Count) Extent(int row)
    {
        int length = Lengths == null ? problem.Columns : Math.Clamp(Lengths[row], 0, problem.Columns);
        int count = Counts == null ? problem.Selected : Math.Clamp(Counts[row], 0, problem.Selected);
        return (length, Math.Min(count, length));
    }

    /// <summary>Between two steps: the digit that holds the k-th largest key of each row.</summary>
    public void Choose(int digit)
    {
        for (int row = 0; row < problem.Rows; row++)
            if (states[row].Count > 0) Choose(ref states[row], digit, row * pieces, pieces);
    }

    private TopKState StateOf(int row)
    {
        (int length, int count) = Extent(row);
        return new TopKState { Length = length, Count = count, Remaining = count };
    }

    private (int From, int Length) PieceOf(int piece, int length)
    {
        int from = (int)Math.Min((long)piece * scratch.PieceLength, length);
        return (from, Math.Min(scratch.PieceLength, length - from));
    }

    /// <summary>Selects a row in one task.</summary>
    public void Select(int row, int worker)
    {
        TopKState state = StateOf(row);
        int* target = Indices + (row * problem.IndexStride);
        if (state.Count == state.Length)
        {
            TopKScan.EmitAll(0, state.Count, target);
        }
        else if (state.Count > 0)
        {
            for (int digit = 0; digit < TopKState.Digits; digit++)
            {
                Scan(digit, row, 0, state.Length, in state, worker, worker);
                Choose(ref state, digit, worker, 1);
            }

            TopKScan.Emit(Scores + (row * problem.ScoreStride), state.Length, 0, state.Prefix, state.Remaining, target, lanes);
        }

        new Span<int>(target + state.Count, problem.Selected - state.Count).Fill(-1);
    }

    private void Scan(int digit, int row, int from, int length, in TopKState state, int part, int worker)
    {
        float* scores = Scores + (row * problem.ScoreStride) + from;
        int* histogram = scratch.Histogram(part, digit);
        if (digit == 0) TopKScan.CountFirst(scores, length, scratch.Sets(worker), histogram, lanes);
        else if (digit == 1) scratch.Found[part] = TopKScan.Gather(scores, length, state.Prefix, scratch.Keys(part), histogram, lanes);
        else TopKScan.CountLast(scratch.Keys(part), scratch.Found[part], state.Prefix, histogram);
    }

    private void Choose(ref TopKState state, int digit, int firstPart, int parts)
    {
        int bin = TopKState.BinsOf(digit);
        while (bin-- > 0)
        {
            int here = 0;
            for (int part = firstPart; part < firstPart + parts; part++) here += scratch.Histogram(part, digit)[bin];
            if (here >= state.Remaining) break;
            state.Remaining -= here;
        }

        state.Prefix |= (uint)bin << TopKState.Shift(digit);
    }

    /// <summary>
    /// A piece writes behind what the pieces before it write: their keys above the threshold, and the ties among them that are wanted.
    /// </summary>
    private void Emit(int row, int piece, in TopKState state, int from, int length)
    {
        int* target = Indices + (row * problem.IndexStride);
        if (state.Count > 0)
        {
            int above = 0, equal = 0;
            for (int before = 0; before < piece; before++) Tally((row * pieces) + before, state.Prefix, ref above, ref equal);
            int taken = Math.Min(equal, state.Remaining);
            TopKScan.Emit(
                Scores + (row * problem.ScoreStride) + from, length, from, state.Prefix, state.Remaining - taken, target + above + taken, lanes);
        }

        if (piece == 0) new Span<int>(target + state.Count, problem.Selected - state.Count).Fill(-1);
    }

    /// <summary>Adds a piece's keys above and at the threshold, from its histograms.</summary>
    private void Tally(int part, uint threshold, ref int above, ref int equal)
    {
        for (int digit = 0; digit < TopKState.Digits; digit++)
        {
            int* histogram = scratch.Histogram(part, digit);
            int bins = TopKState.BinsOf(digit), chosen = (int)(threshold >> TopKState.Shift(digit)) & (bins - 1);
            for (int bin = chosen + 1; bin < bins; bin++) above += histogram[bin];
            if (digit == TopKState.Digits - 1) equal += histogram[chosen];
        }
    }
}
