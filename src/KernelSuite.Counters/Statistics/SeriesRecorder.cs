namespace KernelSuite.Counters.Statistics;

/// <summary>
/// Keeps of a series in constant memory what its autocorrelation is told from: squared steps, both ends, and at most 63 sums of equal batches.
/// </summary>
internal sealed class SeriesRecorder(int dimension)
{
    private const int MostBatches = 64;
    private const int FewestBatches = 16;

    private readonly double[] first = new double[dimension];
    private readonly double[] last = new double[dimension];
    private readonly double[] squaredSteps = new double[dimension];
    private readonly double[][] sums = new double[MostBatches][];
    private long length = 1;
    private long filled;
    private int batch;
    private bool started;

    public void Add(ReadOnlySpan<double> sample)
    {
        if (!started)
        {
            sample.CopyTo(first);
            sample.CopyTo(last);
            started = true;
        }

        double[] sum = sums[batch] ??= new double[dimension];
        for (int i = 0; i < sum.Length; i++)
        {
            double step = sample[i] - last[i];
            squaredSteps[i] += step * step;
            sum[i] += sample[i] - first[i]; // About the first one, so that long sums of large counts keep their digits.
        }

        sample.CopyTo(last);
        if (++filled < length) return;
        filled = 0;
        if (++batch == MostBatches) Pair(sums, ref batch, ref length);
    }

    public SeriesDiagnostics Diagnose(SampleMoments moments)
    {
        double[][] means = [.. sums.Take(batch).Select(sum => sum.ToArray())];
        int count = batch;
        long size = length;
        while (count >= 2 * FewestBatches) Pair(means, ref count, ref size);
        means = count < FewestBatches || size == 1 ? [] : means[..count];
        foreach (double[] mean in means)
            for (int i = 0; i < mean.Length; i++) mean[i] /= size;
        return new SeriesDiagnostics(moments, means, size, Lag1(moments));
    }

    /// <summary>Joins neighbours; an odd one out at the end is let go or, while recording, cannot occur.</summary>
    private static void Pair(double[][] sums, ref int count, ref long length)
    {
        count /= 2;
        length *= 2;
        for (int b = 0; b < count; b++)
        {
            double[] left = sums[2 * b], right = sums[2 * b + 1];
            for (int i = 0; i < left.Length; i++) left[i] += right[i];
            (sums[b], sums[2 * b]) = (left, sums[b]);
        }

        for (int b = count; b < sums.Length && sums[b] is { } rest; b++) Array.Clear(rest);
    }

    /// <summary>Sum of products of neighbours about the mean, from the squared steps: nothing cancels however large the mean is.</summary>
    private double[] Lag1(SampleMoments moments)
    {
        var result = new double[first.Length];
        for (int i = 0; i < result.Length; i++)
        {
            double mean = moments.Mean[i], squares = moments.Covariance(i, i) * (moments.Count - 1), start = first[i] - mean, end = last[i] - mean;
            if (squares > 0) result[i] = Math.Clamp(1 - (start * start + end * end + squaredSteps[i]) / (2 * squares), -1, 1);
        }

        return result;
    }
}
