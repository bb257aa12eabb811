using System.Runtime.CompilerServices;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Operations.Counters;
using KernelSuite.Operations.Counters.Distance;

namespace KernelSuite.Counters.Verdicts;

/// <summary>
/// d² = min over f ≥ 0 of (m - Sᵀf)ᵀ Σ⁻¹ (m - Sᵀf): how many standard deviations a mean is away from the cone of a model's signatures. Set a
/// covariance once, then measure as many means against it as there are; neither allocates. One thread at a time. With Σ = UᵀU and whitened
/// signatures U⁻ᵀ s of unit length this is non-negative least squares.
/// </summary>
/// <remarks>
/// Everything is in scaled counters, as <see cref="MeanRegion"/> has them: value / scale. A distance does not depend on what was measured before, to
/// the last bit: the solver starts from no signature each time, although the last solution's would save it rounds.
/// </remarks>
public sealed unsafe partial class ConeDistance
{
    /// <summary>Most entries, counters times signatures, that a solver takes: 2 GiB.</summary>
    public const long MostEntries = 1L << 27;

    private readonly int p;
    private readonly int count;
    private readonly int stride;
    private readonly double[] signatures; // [p][column stride]: a counter's row over all signatures
    private readonly double[] memory;
    private readonly double* factor;      // [p][stride]: U, upper triangular
    private readonly double* lengths;     // [column stride]: of the whitened columns
    private readonly double* inverses;    // of the diagonal of U
    private readonly double* units;       // one over the unit of a counter
    private readonly NonnegativeLeastSquares solver;
    private bool prepared;

    /// <summary>Takes the signatures of a model.</summary>
    /// <exception cref="ArgumentException">They have no counter, or more than <see cref="MostEntries"/> entries.</exception>
    public ConeDistance(SignatureSet signatures)
        : this(signatures, null)
    {
    }

    /// <summary>With a bound of rounds of the test's own: no data are known that reach the solver's.</summary>
    internal ConeDistance(SignatureSet signatures, int? mostRounds)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        Signatures = signatures;
        (p, count) = (signatures.Counters.Count, signatures.Count);
        if (p == 0) throw new ArgumentException("The signatures have no counters. Expected at least one that was measured.", nameof(signatures));
        if ((long)Rows.Padded(p) * Rows.Padded(count) > MostEntries)
        {
            throw new ArgumentException($"There are {count} signatures of {p} counters. " +
                $"Expected at most {MostEntries} entries; measure fewer counters or " +
                "split the model.", nameof(signatures));
        }

        solver = new NonnegativeLeastSquares(p, count, mostRounds);
        stride = Rows.Padded(p);
        this.signatures = new double[p * solver.ColumnStride];
        for (int j = 0; j < count; j++)
            for (int i = 0; i < p; i++) this.signatures[i * solver.ColumnStride + j] = signatures[j][i];
        memory = GC.AllocateArray<double>((p + 2) * stride + solver.ColumnStride + WideRows.Slack, pinned: true);
        fixed (double* start = memory) factor = WideRows.Align(start);
        lengths = factor + p * stride;
        inverses = lengths + solver.ColumnStride;
        units = inverses + stride;
    }

    /// <summary>The generators of the cone.</summary>
    public SignatureSet Signatures { get; }

    /// <summary>
    /// Takes the covariance of the mean. 2.0 µs of the 6.4 µs that a fresh covariance and a mean take for 23 counters and 44 signatures (one core of
    /// a 2 GHz Xeon with 512-bit vectors; 2.6 of 14.7 µs with 256-bit ones).
    /// </summary>
    /// <param name="covariance">Of the scaled counters, row-major and positive definite; only the upper triangle is read.</param>
    /// <param name="scale">Unit of each counter.</param>
    /// <exception cref="ArgumentException">Lengths do not match, or the covariance is not positive definite: raise its diagonal, as
    /// <see cref="MeanRegion"/> does.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void SetCovariance(ReadOnlySpan<double> covariance, ReadOnlySpan<double> scale)
    {
        if (covariance.Length != (long)p * p)
            throw new ArgumentException($"The covariance has {covariance.Length} entries. " +
                $"Expected {(long)p * p}, the square of {p} counters.", nameof(covariance));
        if (scale.Length != p) throw new ArgumentException($"There are {scale.Length} units. Expected {p}, one a counter.", nameof(scale));
        prepared = false;
        Factorise(covariance);
        Whiten(scale);
        solver.ColumnsChanged();
        prepared = true;
    }

    /// <summary>Distance of a mean from the cone.</summary>
    /// <param name="mean">A value for each counter, scaled.</param>
    /// <exception cref="ArgumentException">Another number of values, or one that is not finite.</exception>
    /// <exception cref="InvalidOperationException">No covariance was set.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public DistanceResult Measure(ReadOnlySpan<double> mean)
    {
        if (!prepared) throw new InvalidOperationException("No covariance is set. Call SetCovariance first.");
        if (mean.Length != p) throw new ArgumentException($"The mean has {mean.Length} values. Expected {p}, one a counter.", nameof(mean));
        if (!SampleMoments.IsUsable(mean))
            throw new ArgumentException("The mean has a value that is not finite. Expected finite values.", nameof(mean));
        double* target = solver.Target;
        mean.CopyTo(new Span<double>(target, p));
        for (int k = 0; k < p; k++)
        {
            // Forward substitution with Uᵀ, a column of Uᵀ at a time; entries left of the diagonal are zero, so whole rows can be taken.
            double* row = factor + k * stride;
            double value = target[k] * inverses[k];
            WideRows.AddScaled(target, -value, row, stride);
            target[k] = value;
        }

        bool solved = solver.Solve();
        double squared = WideRows.Dot(solver.Residual, solver.Residual, stride);
        return new DistanceResult(squared, solver.PassiveCount, p - solver.PassiveCount, solver.Rounds, solved);
    }

    /// <summary>Signatures that carry the nearest point of the last <see cref="Measure"/>, by place; they are linearly independent.</summary>
    public ReadOnlySpan<int> Active => solver.Passive;

    /// <summary>Weights f of the last <see cref="Measure"/>.</summary>
    /// <param name="weights">One a signature, in items per sample.</param>
    /// <exception cref="ArgumentException">Another number of places.</exception>
    public void CopyWeights(Span<double> weights)
    {
        if (weights.Length != count)
            throw new ArgumentException($"There are {weights.Length} places. Expected {count}, one a signature.", nameof(weights));
        weights.Clear();
        for (int k = 0; k < solver.PassiveCount; k++) weights[solver.Passive[k]] = solver.Weights[k] / lengths[solver.Passive[k]];
    }

    /// <summary>
    /// w = Σ⁻¹ (m - y) of the last <see cref="Measure"/>, y the nearest point of the cone, in scaled counters: w · v ≤ 0 is the constraint of the
    /// model that the mean violates most significantly. Divide by the scale for the counters' own units.
    /// </summary>
    /// <param name="direction">A weight for each counter.</param>
    /// <exception cref="ArgumentException">Another number of places.</exception>
    public void CopyDirection(Span<double> direction)
    {
        if (direction.Length != p)
            throw new ArgumentException($"There are {direction.Length} places. Expected {p}, one a counter.", nameof(direction));
        for (int k = p - 1; k >= 0; k--)
        {
            double value = solver.Residual[k];
            for (int j = k + 1; j < p; j++) value -= factor[k * stride + j] * direction[j];
            direction[k] = value / factor[k * stride + k];
        }
    }
}

/// <summary>What a distance is.</summary>
/// <param name="Squared">d², in squared standard deviations.</param>
/// <param name="Rank">Dimension of the cone's face on which the nearest point lies: number of active signatures.</param>
/// <param name="Freedom">Degrees of freedom of the conditional test: counters less <paramref name="Rank"/>.</param>
/// <param name="Rounds">Rounds of the solver.</param>
/// <param name="Solved">Whether the solver reached the optimum; if not, the distance is an upper bound.</param>
public readonly record struct DistanceResult(double Squared, int Rank, int Freedom, int Rounds, bool Solved);
