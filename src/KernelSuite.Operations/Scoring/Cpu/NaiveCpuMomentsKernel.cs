namespace KernelSuite.Operations.Scoring.Cpu;

/// <summary>The baseline of attention_moments: a task a KV head, probabilities of one query head materialised, then two passes down each column.</summary>
internal sealed unsafe class NaiveCpuMomentsKernel<T>(MomentsProblem problem, NaiveScoringScratch scratch, CpuScoringWorkspace workspace) : CpuMomentsKernelBase
    where T : unmanaged
{
    public override long Tasks => problem.UnitCount;

    public override void Execute(long task, int worker)
    {
        ScoringShape s = problem.Shape;
        (long b, long kvHead) = Math.DivRem(task, s.KvHeads);
        int past = problem.PastOf(Arguments.KvLengths == null ? s.KvLength : Arguments.KvLengths[b]);
        float* p = scratch.Rows(worker);
        var group = new Span<float>(workspace.Group + (task * problem.Past), problem.Past);
        group.Clear();
        T* k = (T*)Arguments.K + (b * problem.KStrides.Batch) + (kvHead * problem.KStrides.Head);
        Span<double> stats = stackalloc double[MomentsProblem.StatsCount];
        for (int g = 0; g < s.HeadsPerKv; g++)
        {
            long h = (kvHead * s.HeadsPerKv) + g;
            long head = (b * s.QueryHeads) + h;
            T* q = (T*)Arguments.Q + (b * problem.QStrides.Batch) + (h * problem.QStrides.Head);
            for (int i = 0; i < s.QueryLength; i++)
            {
                NaiveRows<T>.Probabilities(
                    q + (i * problem.QStrides.Row), k, problem.KStrides.Row, s.HeadDim, problem.Scale, problem.Options.SoftCap,
                    Arguments.Lse[(head * s.QueryLength) + i], scratch.Part(worker), new Span<float>(p + ((long)i * problem.Past), past));
            }

            stats.Clear();
            for (int j = 0; j < problem.Past; j++)
            {
                (float mean, float variance, float fourth) = j < past ? Column(p + j, stats) : default;
                group[j] += (mean + (problem.Options.Gamma * variance)) / s.HeadsPerKv;
                long target = (head * problem.Past) + j;
                if (Arguments.Mean != null) Arguments.Mean[target] = mean;
                if (Arguments.Variance != null) Arguments.Variance[target] = variance;
                if (Arguments.Fourth != null) Arguments.Fourth[target] = fourth;
            }

            if (workspace.Partials != null) stats.CopyTo(new Span<double>(workspace.Partials + (head * MomentsProblem.StatsCount), MomentsProblem.StatsCount));
        }
    }

    /// <summary>Moments of one column; adds its entropy, variance and kurtosis to the statistics.</summary>
    private (float Mean, float Variance, float Fourth) Column(float* p, Span<double> stats)
    {
        int rows = problem.Shape.QueryLength;
        float mean = 0, squares = 0, fourth = 0, kurtosis = 0;
        for (int i = 0; i < rows; i++)
        {
            float x = p[(long)i * problem.Past];
            mean += x;
            stats[0] -= x * MathF.Log(x + 1e-10f);
        }

        mean /= rows;
        for (int i = 0; i < rows; i++)
        {
            float d = p[(long)i * problem.Past] - mean;
            squares += d * d;
            fourth += d * d * (d * d);
        }

        float variance = rows > 1 ? squares / (rows - 1) : 0;
        float divisor = MathF.Max(squares / rows, problem.Options.KurtosisFloor);
        for (int i = 0; i < rows && divisor >= 1.17549435e-38f; i++)
        {
            float d = p[(long)i * problem.Past] - mean;
            kurtosis += d * d / divisor * (d * d / divisor);
        }

        stats[1] += variance;
        stats[2] += kurtosis / rows;
        return (mean, variance, fourth / rows);
    }
}
