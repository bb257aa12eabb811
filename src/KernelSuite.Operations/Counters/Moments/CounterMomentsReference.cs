namespace KernelSuite.Operations.Counters.Moments;

/// <summary>Moments of one observation: exact to about 32 digits, and the way kernels compute them in any order of sums.</summary>
internal static class CounterMomentsReference
{
    /// <summary>Two passes in doubled precision, as the kernels themselves are in double.</summary>
    public static void Exact(CounterMomentsProblem problem, HostOperands operands, int observation, double[]?[] outputs, int hidden = 0)
    {
        (double[][] columns, int count) = Columns(problem, operands, observation, hidden);
        double[] means = outputs[CounterMomentsProblem.Means]!, covariances = outputs[CounterMomentsProblem.Covariances]!;
        int p = problem.Counters;
        var mean = new DoubleDouble[p];
        for (int i = 0; i < p; i++)
        {
            DoubleDouble sum = default;
            foreach (double value in columns[i]) sum += value;
            mean[i] = sum / count;
            means[i] = IsFinite(columns[i]) && count > 0 ? mean[i].High : double.NaN;
        }

        for (int i = 0; i < p; i++)
        {
            for (int j = 0; j < p; j++)
            {
                DoubleDouble sum = default;
                for (int t = 0; t < count; t++) sum += (columns[i][t] - mean[i]) * (columns[j][t] - mean[j]);
                covariances[(i * p) + j] = IsFinite(columns[i]) && IsFinite(columns[j]) && count > 1 ? (sum / (count - 1)).High : double.NaN;
            }
        }
    }

    /// <summary>Sums of products less products of sums, or products of deviations from the mean: half of the arithmetics each.</summary>
    public static void Naive(CounterMomentsProblem problem, HostOperands operands, int observation, double[]?[] outputs, NaiveArithmetic arithmetic)
    {
        (double[][] columns, int count) = Columns(problem, operands, observation, 0);
        double[] means = outputs[CounterMomentsProblem.Means]!, covariances = outputs[CounterMomentsProblem.Covariances]!;
        int p = problem.Counters;
        var sums = new double[p];
        for (int i = 0; i < p; i++)
        {
            bool finite = IsFinite(columns[i]) && count > 0;
            double shift = finite ? columns[i][0] : double.NaN;
            for (int t = 0; t < count; t++) columns[i][t] -= shift;
            sums[i] = arithmetic.Sum<double>(columns[i]);
            means[i] = shift + (sums[i] / count);
        }

        for (int i = 0; i < p; i++)
        {
            for (int j = 0; j < p; j++)
            {
                double products = arithmetic.Fused
                    ? arithmetic.Dot<double>(Less(columns[i], sums[i] / count), Less(columns[j], sums[j] / count))
                    : arithmetic.Dot<double>(columns[i], columns[j]) - (sums[i] * sums[j] / count);
                covariances[(i * p) + j] = count < 2 ? double.NaN : products / (count - 1);
            }
        }
    }

    private static double[] Less(double[] values, double mean) => Array.ConvertAll(values, value => value - mean);

    private static bool IsFinite(double[] values) => Array.TrueForAll(values, double.IsFinite);

    private static (double[][] Columns, int Count) Columns(CounterMomentsProblem problem, HostOperands operands, int observation, int hidden)
    {
        (int from, int to) = problem.Segment(operands.Data<int>(CounterMomentsProblem.Offsets), observation);
        int count = Math.Max(0, to - from - hidden);
        Span<double> samples = operands.Data<double>(CounterMomentsProblem.Samples);
        var columns = new double[problem.Counters][];
        for (int i = 0; i < columns.Length; i++)
        {
            columns[i] = new double[count];
            for (int t = 0; t < count; t++) columns[i][t] = samples[(int)((from + t) * problem.SampleStride) + i];
        }

        return (columns, count);
    }
}
