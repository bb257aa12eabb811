using System.Numerics.Tensors;
using KernelSuite.Operations.Counters;

namespace KernelSuite.Counters.Statistics;

/// <summary>
/// Count, mean and co-moments of vectors that come one by one or in blocks: mergeable, in memory that does not grow with their number. A block is
/// centred about its own mean before it is squared, means are kept relative to the first vector, and both are joined by the pairwise update of Chan,
/// Golub and LeVeque (1983), so offsets that dwarf the spread cost no digits. Not safe for use by several threads at a time; give each thread its
/// own and <see cref="Merge"/>.
/// </summary>
public sealed unsafe partial class SampleMoments
{
    /// <summary>Largest magnitude of a value: squares and their sums stay finite.</summary>
    public const double MostMagnitude = 1e140;

    // 64 rows of 23 counters take 12 KiB and stay in L1.
    private const int BlockRows = 64;

    private readonly int stride;
    private readonly double[] origin; // The first vector. Means are kept relative to it: an offset of 1e9 takes no digits from them.
    private readonly double[] offset; // mean - origin
    private readonly double[] mean;
    private readonly double[] squares;
    private readonly double[] pending;
    private int pendingRows;
    private long count;
    private bool frozen;

    /// <summary>Starts with no vector.</summary>
    /// <param name="dimension">Entries of a vector, 1 to <see cref="CounterSet.MostCounters"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The dimension is out of range.</exception>
    public SampleMoments(int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimension, CounterSet.MostCounters);
        Dimension = dimension;
        stride = Rows.Padded(dimension);
        origin = new double[stride];
        offset = new double[stride];
        mean = new double[stride];
        squares = new double[(long)dimension * stride];
        pending = new double[BlockRows * stride];
    }

    /// <summary>Entries of a vector.</summary>
    public int Dimension { get; }

    /// <summary>Number of vectors.</summary>
    public long Count => count + pendingRows;

    /// <summary>Mean of every entry; zeros where no vector came.</summary>
    public ReadOnlySpan<double> Mean
    {
        get
        {
            Flush();
            return mean.AsSpan(0, Dimension);
        }
    }

    /// <summary>Adds a vector.</summary>
    /// <exception cref="ArgumentException">It has another length, or an entry that is not finite or too large.</exception>
    /// <exception cref="InvalidOperationException">The moments belong to an <see cref="Observation"/>.</exception>
    public void Add(ReadOnlySpan<double> sample)
    {
        if (sample.Length != Dimension) throw new ArgumentException($"A sample has {sample.Length} values. Expected {Dimension}.", nameof(sample));
        AddBlock(sample);
    }

    /// <summary>Adds vectors that lie one after the other.</summary>
    /// <param name="samples">Row-major, a multiple of <see cref="Dimension"/> entries.</param>
    /// <exception cref="ArgumentException">Another length, or an entry that is not finite or too large; nothing is added then.</exception>
    /// <exception cref="InvalidOperationException">The moments belong to an <see cref="Observation"/>.</exception>
    public void AddBlock(ReadOnlySpan<double> samples)
    {
        if (frozen) throw new InvalidOperationException("These moments belong to an observation and no longer change. Add to a Clone() of them.");
        if (samples.Length % Dimension != 0)
            throw new ArgumentException($"There are {samples.Length} values. " +
                $"Expected a multiple of {Dimension}, the values of a sample.", nameof(samples));
        if (!IsUsable(samples)) throw new ArgumentException(Unusable(samples), nameof(samples));
        for (int start = 0; start < samples.Length; start += Dimension)
        {
            samples.Slice(start, Dimension).CopyTo(pending.AsSpan(pendingRows * stride));
            if (++pendingRows == BlockRows) Flush();
        }
    }

    /// <summary>Adds the vectors that another has seen. Up to rounding, the order and grouping of merges make no difference.</summary>
    /// <exception cref="ArgumentException">The other has another dimension.</exception>
    /// <exception cref="InvalidOperationException">The moments belong to an <see cref="Observation"/>.</exception>
    public void Merge(SampleMoments other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (frozen) throw new InvalidOperationException("These moments belong to an observation and no longer change. Merge into a Clone() of them.");
        if (other.Dimension != Dimension)
            throw new ArgumentException($"The other's dimension is {other.Dimension}. Expected {Dimension}.", nameof(other));
        if (ReferenceEquals(other, this)) other = Clone();
        Flush();
        other.Flush();
        if (other.count == 0) return;
        TensorPrimitives.Add(squares, other.squares, squares);
        if (count == 0) other.origin.CopyTo(origin, 0);
        double[] theirs = new double[stride];
        TensorPrimitives.Subtract(other.origin, origin, theirs);
        TensorPrimitives.Add(theirs, other.offset, theirs);
        fixed (double* offsets = theirs) Join(offsets, other.count);
    }

    /// <summary>Whether every value is finite and at most <see cref="MostMagnitude"/>.</summary>
    internal static bool IsUsable(ReadOnlySpan<double> values) =>
        values.IsEmpty || TensorPrimitives.MaxMagnitude(values) is <= MostMagnitude and >= -MostMagnitude;

    /// <summary>No more vectors from here on.</summary>
    internal SampleMoments Freeze()
    {
        Flush();
        frozen = true;
        return this;
    }

    private static string Unusable(ReadOnlySpan<double> values)
    {
        int at = 0;
        while (IsUsable(values.Slice(at, 1))) at++;
        return $"Value {at} is {values[at]}. Expected finite values of at most {MostMagnitude}; leave out samples that lack a counter.";
    }

    /// <summary>Absorbs the vectors that wait: their mean, and their squares about that mean.</summary>
    private void Flush()
    {
        if (pendingRows == 0) return;
        int rows = pendingRows;
        pendingRows = 0;
        double[] block = new double[stride];
        fixed (double* buffer = pending, blockMean = block, square = squares)
        {
            if (count == 0) pending.AsSpan(0, stride).CopyTo(origin);
            fixed (double* start = origin)
                for (int row = 0; row < rows; row++) Rows.AddScaled(buffer + row * stride, -1, start, stride);
            for (int row = 0; row < rows; row++) Rows.AddScaled(blockMean, 1.0 / rows, buffer + row * stride, stride);
            for (int row = 0; row < rows; row++) Rows.AddScaled(buffer + row * stride, -1, blockMean, stride);
            int whole = (rows + 3) / 4 * 4;
            new Span<double>(buffer + rows * stride, (whole - rows) * stride).Clear();
            for (double* row = buffer; row < buffer + whole * stride; row += 4 * stride)
                Rows.AddSquares(square, stride, row, row + stride, row + 2 * stride, row + 3 * stride, Dimension);
            Join(blockMean, rows);
        }
    }

    /// <summary>The step between two means, after their squares were added.</summary>
    private void Join(double* theirOffset, long theirCount)
    {
        double total = count + theirCount, weight = count * (theirCount / total);
        for (int i = 0; i < Dimension; i++)
        {
            double step = (theirOffset[i] - offset[i]) * weight;
            if (step == 0) continue;
            for (int j = i; j < Dimension; j++) squares[(long)i * stride + j] += step * (theirOffset[j] - offset[j]);
        }

        for (int i = 0; i < Dimension; i++) offset[i] += (theirOffset[i] - offset[i]) * (theirCount / total);
        TensorPrimitives.Add(origin, offset, mean);
        count += theirCount;
    }
}
