using System.Numerics;

namespace KernelSuite.Operations.Counters.Distance;

/// <summary>
/// Non-negative least squares from the description of Lawson and Hanson: in each round the least-squares problem of the passive columns is solved
/// anew by modified Gram-Schmidt, and residual and gradients are computed anew. Dull, sequential, in any precision and order of sums.
/// </summary>
internal sealed class PlainActiveSet<TReal>(int rows, int count, NaiveArithmetic arithmetic, int? mostRounds = null)
    where TReal : unmanaged, IFloatingPointIeee754<TReal>
{
    private static readonly TReal GradientTolerance = TReal.CreateChecked(typeof(TReal) == typeof(double) ? 1e-12 : 1e-6);
    private static readonly TReal Dependent = TReal.CreateChecked(typeof(TReal) == typeof(double) ? 1e-11 : 1e-5);

    private readonly TReal[] orthogonal = new TReal[rows * rows];
    private readonly TReal[] triangle = new TReal[rows * rows];
    private readonly TReal[] rest = new TReal[rows];
    private readonly TReal[] trial = new TReal[rows];
    private readonly bool[] barred = new bool[count];
    private readonly List<int> passive = new(rows);

    /// <summary>Columns of unit length, one after the other.</summary>
    public TReal[] Columns { get; } = new TReal[rows * count];

    /// <summary>b.</summary>
    public TReal[] Target { get; } = new TReal[rows];

    /// <summary>b - A f.</summary>
    public TReal[] Residual { get; } = new TReal[rows];

    /// <summary>f.</summary>
    public TReal[] Weights { get; } = new TReal[count];

    /// <summary>Columns with a positive weight.</summary>
    public int Rank => passive.Count;

    /// <summary>Solves with the first so many columns; false where the rounds ran out.</summary>
    public bool Solve(int used)
    {
        passive.Clear();
        Array.Clear(barred);
        Array.Clear(Weights);
        UpdateResidual();
        TReal best = Square(), threshold = GradientTolerance * TReal.Sqrt(best);
        for (int round = 0; round < (mostRounds ?? NonnegativeLeastSquares.MostRounds(rows, used)); round++)
        {
            int entering = -1;
            TReal steepest = threshold;
            for (int j = 0; j < used; j++)
            {
                if (barred[j] || passive.Contains(j)) continue;
                TReal gradient = arithmetic.Dot<TReal>(Column(j), Residual);
                if (gradient > steepest) (entering, steepest) = (j, gradient);
            }

            if (entering < 0) return true;
            if (passive.Count == rows)
            {
                barred[entering] = true;
                continue;
            }

            passive.Add(entering);
            Settle(entering);
            UpdateResidual();
            TReal now = Square();
            if (now < best) Array.Clear(barred);
            else barred[entering] = true;
            best = TReal.Min(best, now);
        }

        return false;
    }

    private Span<TReal> Column(int j) => Columns.AsSpan(j * rows, rows);

    private TReal Square() => arithmetic.Dot<TReal>(Residual, Residual);

    /// <summary>
    /// Least squares on the passive columns; as long as a weight would not be positive, goes as far as it can and drops those at zero.
    /// </summary>
    private void Settle(int entering)
    {
        for (bool first = true; passive.Count > 0; first = false)
        {
            if (!LeastSquares() || (first && !(trial[passive.Count - 1] > TReal.Zero)))
            {
                passive.Remove(entering);
                return;
            }

            TReal share = TReal.One;
            int blocking = -1;
            for (int k = 0; k < passive.Count; k++)
            {
                if (trial[k] > TReal.Zero) continue;
                TReal weight = Weights[passive[k]], limit = weight / (weight - trial[k]);
                if (blocking < 0 || limit < share) (blocking, share) = (k, limit);
            }

            for (int k = 0; k < passive.Count; k++)
            {
                ref TReal weight = ref Weights[passive[k]];
                weight = blocking < 0 ? trial[k] : k == blocking ? TReal.Zero : TReal.Max(weight + share * (trial[k] - weight), TReal.Zero);
            }

            if (blocking < 0) return;
            passive.RemoveAll(j => Weights[j] == TReal.Zero);
        }
    }

    private bool LeastSquares()
    {
        Target.CopyTo(rest, 0);
        for (int k = 0; k < passive.Count; k++)
        {
            Span<TReal> own = orthogonal.AsSpan(k * rows, rows);
            Column(passive[k]).CopyTo(own);
            for (int pass = 0; pass < 2; pass++)
            {
                for (int l = 0; l < k; l++)
                {
                    ReadOnlySpan<TReal> before = orthogonal.AsSpan(l * rows, rows);
                    TReal along = arithmetic.Dot<TReal>(before, own);
                    triangle[k * rows + l] = pass == 0 ? along : triangle[k * rows + l] + along;
                    for (int i = 0; i < rows; i++) own[i] = arithmetic.MultiplyAdd(-along, before[i], own[i]);
                }
            }

            TReal length = TReal.Sqrt(arithmetic.Dot<TReal>(own, own));
            if (length < Dependent) return false;
            triangle[k * rows + k] = length;
            for (int i = 0; i < rows; i++) own[i] /= length;
            trial[k] = arithmetic.Dot<TReal>(own, rest);
            for (int i = 0; i < rows; i++) rest[i] = arithmetic.MultiplyAdd(-trial[k], own[i], rest[i]);
        }

        for (int k = passive.Count - 1; k >= 0; k--)
        {
            for (int l = k + 1; l < passive.Count; l++) trial[k] = arithmetic.MultiplyAdd(-triangle[l * rows + k], trial[l], trial[k]);
            trial[k] /= triangle[k * rows + k];
        }

        return true;
    }

    private void UpdateResidual()
    {
        Target.CopyTo(Residual, 0);
        foreach (int j in passive)
            for (int i = 0; i < rows; i++) Residual[i] = arithmetic.MultiplyAdd(-Weights[j], Columns[j * rows + i], Residual[i]);
    }
}
