using KernelSuite.Runtime;

namespace KernelSuite.Operations.Attention;

/// <summary>Attention of one query row from the definition, in double and in float: three passes over materialised scores.</summary>
internal static class AttentionReference
{
    /// <summary>Keys that the planted fault drops: one narrow tile.</summary>
    private const int FaultTile = 16;

    public static void Double(AttentionProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        switch (problem.DType)
        {
            case DType.Float32: Double<float>(problem, operands, unit, outputs); break;
            case DType.Float16: Double<Half>(problem, operands, unit, outputs); break;
            default: Double<BFloat16>(problem, operands, unit, outputs); break;
        }
    }

    public static void Naive(AttentionProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        switch (problem.DType)
        {
            case DType.Float32: Single<float>(problem, operands, unit, outputs, false); break;
            case DType.Float16: Single<Half>(problem, operands, unit, outputs, false); break;
            default: Single<BFloat16>(problem, operands, unit, outputs, false); break;
        }
    }

    /// <summary>Like <see cref="Naive"/> with the tile of keys dropped that holds the row's largest weight.</summary>
    public static bool Faulty(AttentionProblem problem, HostOperands operands, long unit, double[]?[] outputs) => problem.DType switch
    {
        DType.Float32 => Single<float>(problem, operands, unit, outputs, true),
        DType.Float16 => Single<Half>(problem, operands, unit, outputs, true),
        _ => Single<BFloat16>(problem, operands, unit, outputs, true),
    };

    private static void Double<T>(AttentionProblem problem, HostOperands operands, long unit, double[]?[] outputs)
        where T : unmanaged
    {
        var row = Row<T>.Locate(problem, operands, unit);
        double[] output = outputs[AttentionProblem.Out]!;
        Array.Clear(output);
        var scores = new double[row.Count];
        double max = double.NegativeInfinity;
        double cap = problem.Options.SoftCap;
        for (int j = 0; j < scores.Length; j++)
        {
            ReadOnlySpan<T> key = row.Key(j);
            double dot = 0;
            for (int d = 0; d < key.Length; d++) dot += (double)Storage.ToSingle(row.Query[d]) * Storage.ToSingle(key[d]);
            double s = dot * problem.Scale;
            scores[j] = cap > 0 ? cap * Math.Tanh(s / cap) : s;
            max = Math.Max(max, scores[j]);
        }

        double sum = 0;
        for (int j = 0; j < scores.Length; j++) sum += scores[j] = Math.Exp(scores[j] - max);
        for (int j = 0; j < scores.Length; j++)
        {
            ReadOnlySpan<T> value = row.Value(j);
            for (int d = 0; d < output.Length; d++) output[d] += scores[j] * Storage.ToSingle(value[d]);
        }

        if (scores.Length > 0)
            for (int d = 0; d < output.Length; d++) output[d] /= sum;
        if (outputs[AttentionProblem.Lse] is { } lse) lse[0] = scores.Length > 0 ? max + Math.Log(sum) : double.NegativeInfinity;
    }

    private static bool Single<T>(AttentionProblem problem, HostOperands operands, long unit, double[]?[] outputs, bool dropTile)
        where T : unmanaged
    {
        var row = Row<T>.Locate(problem, operands, unit);
        var scores = new float[row.Count];
        float cap = problem.Options.SoftCap;
        for (int j = 0; j < scores.Length; j++)
        {
            ReadOnlySpan<T> key = row.Key(j);
            float dot = 0;
            for (int d = 0; d < key.Length; d++) dot += Storage.ToSingle(row.Query[d]) * Storage.ToSingle(key[d]);
            float s = dot * problem.Scale;
            scores[j] = cap > 0 ? cap * MathF.Tanh(s / cap) : s;
        }

        if (dropTile)
        {
            if (scores.Length == 0) return false;
            int largest = Array.IndexOf(scores, scores.Max());
            int from = largest / FaultTile * FaultTile;
            scores.AsSpan(from, Math.Min(FaultTile, scores.Length - from)).Fill(float.NegativeInfinity);
        }

        float max = float.NegativeInfinity;
        foreach (float s in scores) max = MathF.Max(max, s);
        float sum = 0;
        for (int j = 0; j < scores.Length; j++) sum += scores[j] = float.IsNegativeInfinity(max) ? 0 : MathF.Exp(scores[j] - max);
        var output = new float[problem.Shape.ValueDim];
        for (int j = 0; j < scores.Length; j++)
        {
            ReadOnlySpan<T> value = row.Value(j);
            for (int d = 0; d < output.Length; d++) output[d] += scores[j] * Storage.ToSingle(value[d]);
        }

        bool empty = sum == 0;
        double[] stored = outputs[AttentionProblem.Out]!;
        for (int d = 0; d < output.Length; d++) stored[d] = Storage.ToSingle(Storage.FromSingle<T>(empty ? 0 : output[d] / sum));
        if (outputs[AttentionProblem.Lse] is { } lse) lse[0] = empty ? double.NegativeInfinity : max + MathF.Log(sum);
        return true;
    }

    /// <summary>Views of the query row of a unit and of the keys and values that it sees.</summary>
    private readonly ref struct Row<T>
        where T : unmanaged
    {
        private readonly ReadOnlySpan<T> keys;
        private readonly ReadOnlySpan<T> values;
        private readonly AttentionProblem problem;

        private Row(AttentionProblem problem, ReadOnlySpan<T> query, ReadOnlySpan<T> keys, ReadOnlySpan<T> values, int count)
        {
            this.problem = problem;
            this.keys = keys;
            this.values = values;
            Query = query;
            Count = count;
        }

        public ReadOnlySpan<T> Query { get; }

        public int Count { get; }

        public static Row<T> Locate(AttentionProblem problem, HostOperands operands, long unit)
        {
            AttentionShape s = problem.Shape;
            (int b, int h, int i) = problem.Locate(unit);
            int kvHead = h / (s.QueryHeads / s.KvHeads);
            int valid = problem.HasKvLengths ? operands.Data<int>(AttentionProblem.KvLengths)[b] : s.KvLength;
            (int from, int to) = problem.VisibleKeys(i, valid);
            ReadOnlySpan<T> query = At(operands.Data<T>(AttentionProblem.Q), problem.QStrides, b, h, i)[..s.HeadDim];
            if (from == to) return new Row<T>(problem, query, [], [], 0);
            return new Row<T>(
                problem,
                query,
                At(operands.Data<T>(AttentionProblem.K), problem.KStrides, b, kvHead, from),
                At(operands.Data<T>(AttentionProblem.V), problem.VStrides, b, kvHead, from),
                to - from);
        }

        public ReadOnlySpan<T> Key(int j) => keys.Slice((int)(j * problem.KStrides.Row), problem.Shape.HeadDim);

        public ReadOnlySpan<T> Value(int j) => values.Slice((int)(j * problem.VStrides.Row), problem.Shape.ValueDim);

        private static Span<T> At(Span<T> data, TensorStrides strides, int batch, int head, int row) =>
            data[(int)((batch * strides.Batch) + (head * strides.Head) + (row * strides.Row))..];
    }
}
