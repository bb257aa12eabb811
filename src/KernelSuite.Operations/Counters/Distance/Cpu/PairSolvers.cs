using KernelSuite.Runtime;

namespace KernelSuite.Operations.Counters.Distance.Cpu;

/// <summary>Solves one pair that is whitened and scaled. One thread at a time; allocates nothing.</summary>
internal unsafe interface IPairSolver
{
    /// <summary>Rows of A, <see cref="ColumnStride"/> apart.</summary>
    double* ByRow { get; }

    int ColumnStride { get; }

    /// <summary>b.</summary>
    double* Target { get; }

    /// <summary>b - A f after a solution.</summary>
    double* Residual { get; }

    /// <summary>Columns with a positive weight.</summary>
    ReadOnlySpan<int> Active { get; }

    /// <summary>Weight of an active column, by its place among them.</summary>
    double Weight(int place);

    /// <summary>Solves with the first so many columns; the rest are zero. False where the bound of rounds was hit.</summary>
    bool Solve(int used);
}

/// <summary>The solver that single observations use too.</summary>
internal sealed unsafe class QrPairSolver(ConeDistanceProblem problem, int? mostRounds) : IPairSolver
{
    private readonly NonnegativeLeastSquares solver = new(problem.Counters, problem.MostSignatures, mostRounds);

    public double* ByRow => solver.ByRow;

    public int ColumnStride => solver.ColumnStride;

    public double* Target => solver.Target;

    public double* Residual => solver.Residual;

    public ReadOnlySpan<int> Active => solver.Passive;

    public double Weight(int place) => solver.Weights[place];

    public bool Solve(int used)
    {
        solver.ColumnsChanged();
        return solver.Solve();
    }
}

/// <summary>The baseline: least squares from scratch in each round.</summary>
internal sealed unsafe class PlainPairSolver : IPairSolver
{
    private readonly PlainActiveSet<double> solver;
    private readonly double[] memory;
    private readonly int[] active;
    private readonly int rows;
    private int found;

    public PlainPairSolver(ConeDistanceProblem problem, int? mostRounds)
    {
        rows = problem.Counters;
        ColumnStride = Rows.Padded(problem.MostSignatures);
        solver = new PlainActiveSet<double>(rows, problem.MostSignatures, NaiveArithmetic.Plain, mostRounds);
        active = new int[rows];

        // Pinned for as long as this object lives.
        memory = GC.AllocateArray<double>((rows * ColumnStride) + (2 * rows), pinned: true);
        fixed (double* start = memory) ByRow = start;
        Target = ByRow + (rows * ColumnStride);
        Residual = Target + rows;
    }

    public double* ByRow { get; }

    public int ColumnStride { get; }

    public double* Target { get; }

    public double* Residual { get; }

    public ReadOnlySpan<int> Active => active.AsSpan(0, found);

    public double Weight(int place) => solver.Weights[active[place]];

    public bool Solve(int used)
    {
        for (int i = 0; i < rows; i++)
        {
            solver.Target[i] = Target[i];
            for (int j = 0; j < used; j++) solver.Columns[(j * rows) + i] = ByRow[(i * ColumnStride) + j];
        }

        bool solved = solver.Solve(used);
        found = 0;
        for (int j = 0; j < used; j++)
            if (solver.Weights[j] > 0) active[found++] = j;
        solver.Residual.CopyTo(new Span<double>(Residual, rows));
        return solved;
    }
}
