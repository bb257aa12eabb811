namespace KernelSuite.Counters.Statistics;

public sealed unsafe partial class SampleMoments
{
    /// <summary>Moments that were computed elsewhere, such as by a device.</summary>
    /// <param name="count">Number of vectors; at least 1.</param>
    /// <param name="mean">Their mean.</param>
    /// <param name="covariance">Their covariance with divisor <paramref name="count"/> - 1, row-major; only the upper triangle is read.</param>
    /// <exception cref="ArgumentException">Lengths do not match, or a value is not finite, too large, or a negative variance.</exception>
    public static SampleMoments FromCovariance(long count, ReadOnlySpan<double> mean, ReadOnlySpan<double> covariance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var moments = new SampleMoments(mean.Length) { count = count };
        int p = mean.Length;
        if (covariance.Length != (long)p * p)
            throw new ArgumentException($"The covariance has {covariance.Length} entries. " +
                $"Expected {(long)p * p}, the square of {p} counters.", nameof(covariance));
        if (!IsUsable(mean)) throw new ArgumentException(Unusable(mean), nameof(mean));
        for (int i = 0; i < p; i++)
        {
            for (int j = i; j < p; j++)
            {
                double value = covariance[i * p + j];
                if (!double.IsFinite(value) || (i == j && value < 0))
                    throw new ArgumentException($"Entry ({i}, {j}) of the covariance is {value}. " +
                        "Expected finite values and no negative variance.", nameof(covariance));
                moments.squares[(long)i * moments.stride + j] = value * (count - 1);
            }
        }

        mean.CopyTo(moments.origin);
        mean.CopyTo(moments.mean);
        return moments;
    }

    /// <summary>A copy that can be added to.</summary>
    public SampleMoments Clone()
    {
        Flush();
        var copy = new SampleMoments(Dimension) { count = count };
        origin.CopyTo(copy.origin, 0);
        offset.CopyTo(copy.offset, 0);
        mean.CopyTo(copy.mean, 0);
        squares.CopyTo(copy.squares, 0);
        return copy;
    }

    /// <summary>The moments of some entries, in a given order.</summary>
    /// <exception cref="ArgumentException">No place is given, or one is out of range.</exception>
    public SampleMoments Select(ReadOnlySpan<int> places)
    {
        Flush();
        if (places.IsEmpty) throw new ArgumentException("No place is given. Expected at least one.", nameof(places));
        foreach (int place in places)
            if ((uint)place >= (uint)Dimension) throw new ArgumentException($"A place is {place}. Expected 0 to {Dimension - 1}.", nameof(places));
        var selected = new SampleMoments(places.Length) { count = count };
        for (int i = 0; i < places.Length; i++)
        {
            selected.origin[i] = origin[places[i]];
            selected.offset[i] = offset[places[i]];
            selected.mean[i] = mean[places[i]];
            for (int j = i; j < places.Length; j++) selected.squares[(long)i * selected.stride + j] = Square(places[i], places[j]);
        }

        return selected;
    }

    /// <summary>Covariance of two entries with divisor n - 1; 0 of a single vector.</summary>
    public double Covariance(int i, int j)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)i, (uint)Dimension);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)j, (uint)Dimension);
        Flush();
        return count < 2 ? 0 : Square(i, j) / (count - 1);
    }

    /// <summary>Covariance of the vectors with divisor n - 1, row-major and symmetric.</summary>
    public double[] Covariance() => Square(count => count - 1);

    /// <summary>Covariance of the mean, <see cref="Covariance()"/> / n, row-major and symmetric.</summary>
    public double[] CovarianceOfMean() => Square(count => (count - 1) * count);

    private double[] Square(Func<double, double> divisor)
    {
        Flush();
        var result = new double[(long)Dimension * Dimension];
        if (count < 2) return result;
        double by = divisor(count);
        for (int i = 0; i < Dimension; i++)
            for (int j = i; j < Dimension; j++) result[(long)i * Dimension + j] = result[(long)j * Dimension + i] = Square(i, j) / by;
        return result;
    }

    private double Square(int i, int j) => squares[(long)Math.Min(i, j) * stride + Math.Max(i, j)];
}
