using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode;

/// <summary>
/// Decode attention of one query row from the definition, in double and in float: dequantise a row, then three passes over materialised logits.
/// </summary>
internal static class DecodeReference
{
    /// <summary>Slots that the planted fault drops: one narrow tile.</summary>
    private const int FaultTile = 16;

    public static void Double(DecodeProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        var row = new Row(problem, operands, unit);
        double cap = problem.Options.SoftCap;
        var logits = new double[row.Count];
        double max = double.NegativeInfinity;
        for (int j = 0; j < logits.Length; j++)
        {
            double scale = row.ReadKey(j);
            double dot = 0;
            for (int d = 0; d < row.Key.Length; d++) dot += (double)row.Query[d] * row.Key[d];
            double s = dot * scale * problem.Scale;
            logits[j] = cap > 0 ? cap * Math.Tanh(s / cap) : s;
            max = Math.Max(max, logits[j]);
        }

        row.StoreLogits(outputs, logits);
        double[] output = outputs[DecodeProblem.Out]!;
        Array.Clear(output);
        double sum = 0;
        for (int j = 0; j < logits.Length; j++)
        {
            double weight = Math.Exp(logits[j] - max);
            sum += weight;
            double scale = row.ReadValue(j);
            for (int d = 0; d < output.Length; d++) output[d] += weight * scale * row.Value[d];
        }

        if (logits.Length > 0)
            for (int d = 0; d < output.Length; d++) output[d] /= sum;
        if (outputs[DecodeProblem.Lse] is { } lse) lse[0] = logits.Length > 0 ? max + Math.Log(sum) : double.NegativeInfinity;
    }

    /// <summary>
    /// The same in float, by one naive arithmetic. A quantised row is dequantised and then taken as if it had been stored so; a fused arithmetic
    /// takes its scale out of the sum.
    /// </summary>
    public static void Single(DecodeProblem problem, HostOperands operands, long unit, double[]?[] outputs, NaiveArithmetic arithmetic)
    {
        var row = new Row(problem, operands, unit);
        Finish(problem, row, outputs, arithmetic, Logits(problem, row, arithmetic));
    }

    /// <summary>The float result without the tile of slots that holds the row's largest weight. False where there is no slot to drop.</summary>
    public static bool Faulty(DecodeProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        var row = new Row(problem, operands, unit);
        if (row.Count == 0) return false;
        float[] logits = Logits(problem, row, NaiveArithmetic.Plain);
        int from = Array.IndexOf(logits, logits.Max()) / FaultTile * FaultTile;
        logits.AsSpan(from, Math.Min(FaultTile, logits.Length - from)).Fill(float.NegativeInfinity);
        Finish(problem, row, outputs, NaiveArithmetic.Plain, logits);
        return true;
    }

    private static float[] Logits(DecodeProblem problem, Row row, NaiveArithmetic arithmetic)
    {
        float cap = problem.Options.SoftCap;
        var logits = new float[row.Count];
        for (int j = 0; j < logits.Length; j++)
        {
            float outside = TakeIn(row.Key, row.ReadKey(j), arithmetic);
            float s = arithmetic.Dot<float>(row.Query, row.Key) * outside * problem.Scale;
            logits[j] = cap > 0 ? cap * MathF.Tanh(s / cap) : s;
        }

        return logits;
    }

    /// <summary>Softmax and weighted sum of the values; in <paramref name="arithmetic"/>'s order of slots.</summary>
    private static void Finish(DecodeProblem problem, Row row, double[]?[] outputs, NaiveArithmetic arithmetic, float[] logits)
    {
        row.StoreLogits(outputs, Array.ConvertAll(logits, x => (double)x));
        int columns = problem.Shape.ValueDim;
        float max = float.NegativeInfinity;
        foreach (float s in logits) max = MathF.Max(max, s);
        var weights = new float[logits.Length];
        var partial = new float[arithmetic.Accumulators * columns];
        for (int n = 0; n < logits.Length; n++)
        {
            int j = arithmetic.Descending ? logits.Length - 1 - n : n;
            weights[j] = float.IsNegativeInfinity(max) ? 0 : arithmetic.Exp(logits[j] - max);
            float weight = weights[j] * TakeIn(row.Value, row.ReadValue(j), arithmetic);
            Span<float> sums = partial.AsSpan(n % arithmetic.Accumulators * columns, columns);
            for (int d = 0; d < columns; d++) sums[d] = arithmetic.MultiplyAdd(weight, row.Value[d], sums[d]);
        }

        float total = arithmetic.Sum<float>(weights);
        bool empty = total == 0;
        double[] stored = outputs[DecodeProblem.Out]!;
        for (int d = 0; d < columns; d++)
        {
            float sum = partial[d];
            for (int a = 1; a < arithmetic.Accumulators; a++) sum += partial[(a * columns) + d];
            stored[d] = Round(problem.DType, empty ? 0 : sum / total);
        }

        if (outputs[DecodeProblem.Lse] is { } lse) lse[0] = empty ? double.NegativeInfinity : max + MathF.Log(total);
    }

    /// <summary>Multiplies a row by its scale unless the arithmetic is fused; returns the factor that is left.</summary>
    private static float TakeIn(float[] row, float scale, NaiveArithmetic arithmetic)
    {
        if (arithmetic.Fused) return scale;
        for (int d = 0; d < row.Length; d++) row[d] *= scale;
        return 1;
    }

    private static float Round(DType dtype, float value) => dtype switch
    {
        DType.Float32 => value,
        DType.Float16 => (float)(Half)value,
        _ => (float)(BFloat16)value,
    };

    /// <summary>The slots that a query row sees, original ones first; rows are read one at a time.</summary>
    private sealed class Row
    {
        private readonly DecodeProblem problem;
        private readonly CacheRows rows;
        private readonly int batch, kvHead, original, visible, quantised;

        public Row(DecodeProblem problem, HostOperands operands, long unit)
        {
            this.problem = problem;
            rows = new CacheRows(problem, operands);
            (batch, int head, int query) = problem.Locate(unit);
            kvHead = head / (problem.Shape.QueryHeads / problem.Shape.KvHeads);
            original = rows.OriginalLength(batch);
            visible = problem.VisibleSlots(query, original);
            quantised = rows.QuantisedLength(batch);
            Query = new float[problem.Shape.HeadDim];
            Key = new float[problem.Shape.HeadDim];
            Value = new float[problem.Shape.ValueDim];
            rows.ReadQuery(batch, head, query, Query);
        }

        public int Count => visible + quantised;

        public float[] Query { get; }

        public float[] Key { get; }

        public float[] Value { get; }

        /// <summary>Reads key <paramref name="j"/> of those visible; returns its scale, 1 for an original one.</summary>
        public float ReadKey(int j) => Read(DecodeProblem.K, DecodeProblem.KCodes, j, Key);

        /// <summary>Reads value <paramref name="j"/>.</summary>
        public float ReadValue(int j) => Read(DecodeProblem.V, DecodeProblem.VCodes, j, Value);

        public void StoreLogits(double[]?[] outputs, double[] logits)
        {
            if (outputs[DecodeProblem.Logits] is not { } stored) return;
            Array.Fill(stored, OperationProblem.Unspecified);
            stored.AsSpan(0, original).Fill(double.NegativeInfinity);
            logits.AsSpan(0, visible).CopyTo(stored);
            logits.AsSpan(visible).CopyTo(stored.AsSpan(problem.Original.Slots));
        }

        private float Read(int originalOperand, int codes, int j, float[] row)
        {
            if (j >= visible) return rows.ReadQuantised(codes, batch, kvHead, j - visible, row);
            rows.ReadOriginal(originalOperand, batch, kvHead, j, row);
            return 1;
        }
    }
}
