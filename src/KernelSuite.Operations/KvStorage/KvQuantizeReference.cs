using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>
/// Quantisation from the definition of <see cref="KvFormat"/>, element by element; shares nothing with the kernels. The formats are defined in float32, so each
/// quotient is computed in double and rounded to float, which gives the correctly rounded quotient.
/// </summary>
internal static class KvQuantizeReference
{
    /// <summary>One unit; with <paramref name="hidden"/> last elements of the row not looked at for the scale, which is how a faulty kernel errs.</summary>
    public static void Compute(KvQuantizeProblem problem, HostOperands operands, long unit, double[]?[] outputs, int hidden = 0)
    {
        KvQuantizeShape s = problem.Shape;
        foreach (double[]? output in outputs)
            if (output is not null) Array.Fill(output, OperationProblem.Unspecified);
        ReadOnlySpan<int> table = problem.TargetPaging is null ? default : operands.Data<int>(KvQuantizeProblem.TargetPageTable);
        if (StoredSlots.Owner(unit, s.Batch, s.KvHeads, s.TargetSlots, problem.TargetPaging, table) is not { } target) return;
        int i = target.Slot - StartOf(problem, operands, target.Batch, target.Head);
        if (SourceOf(problem, operands, target.Batch, target.Head, i) is not { } row) return;
        double largest = Largest(row, hidden);
        if (problem.SharedScale)
        {
            for (int pair = 0; pair < s.Batch * s.KvHeads; pair++)
                if (SourceOf(problem, operands, pair / s.KvHeads, pair % s.KvHeads, i) is { } other) largest = Math.Max(largest, Largest(other, hidden));
        }

        Encode(problem.Format, row, largest, outputs);
    }

    /// <summary>The nearest e4m3 value's code, ties to the even code, by search.</summary>
    internal static byte NearestE4M3(float value)
    {
        int sign = float.IsNegative(value) ? 0x80 : 0;
        if (float.IsNaN(value)) return (byte)(sign | 0x7F);
        double magnitude = Math.Min(Math.Abs((double)value), 448);
        int best = 0;
        for (int code = 1; code < 0x7F; code++)
        {
            double before = Math.Abs(Float8E4M3.Decode((byte)best) - magnitude), here = Math.Abs(Float8E4M3.Decode((byte)code) - magnitude);
            if (here < before || (here == before && code % 2 == 0)) best = code;
        }

        return (byte)(sign | best);
    }

    private static void Encode(KvFormat format, float[] row, double largest, double[]?[] outputs)
    {
        const double LeastMagnitude = 1.0 / (1UL << 50) / (1UL << 50);
        float scale = largest < LeastMagnitude ? 1 : (float)((format == KvFormat.Int4 ? largest / 8 : largest) / 448);
        outputs[KvQuantizeProblem.Scales]![0] = scale;
        double[] codes = outputs[KvQuantizeProblem.Codes]!;
        if (format == KvFormat.E4M3)
        {
            for (int d = 0; d < row.Length; d++) codes[d] = NearestE4M3((float)((double)row[d] / scale));
            return;
        }

        for (int g = 0; g < row.Length / 32; g++)
        {
            float extreme = 0;
            for (int d = 0; d < 32; d++)
                if (float.IsFinite(row[(32 * g) + d]) && Math.Abs(row[(32 * g) + d]) > Math.Abs(extreme)) extreme = row[(32 * g) + d];
            byte factor = NearestE4M3((float)((double)extreme / -8 / scale));
            outputs[KvQuantizeProblem.Groups]![g] = factor;
            float step = scale * Float8E4M3.Decode(factor);
            for (int d = 0; d < 16; d++) codes[(16 * g) + d] = Nibble(row[(32 * g) + d], step) + (16 * Nibble(row[(32 * g) + 16 + d], step));
        }
    }

    private static int Nibble(float value, float step)
    {
        if (step == 0 || float.IsNaN(value)) return 8;
        return (int)Math.Clamp(Math.Round((float)((double)value / step), MidpointRounding.ToEven) + 8, 0, 15);
    }

    private static double Largest(float[] row, int hidden) => row.Take(Math.Max(0, row.Length - hidden)).Where(float.IsFinite).Select(x => (double)Math.Abs(x)).DefaultIfEmpty(0).Max();

    private static int StartOf(KvQuantizeProblem problem, HostOperands operands, int batch, int head) =>
        problem.HasStart ? operands.Data<int>(KvQuantizeProblem.Start)[(batch * problem.Shape.KvHeads) + head] : 0;

    /// <summary>Row i of a head, or null where it is left out.</summary>
    private static float[]? SourceOf(KvQuantizeProblem problem, HostOperands operands, int batch, int head, int i)
    {
        KvQuantizeShape s = problem.Shape;
        int pair = (batch * s.KvHeads) + head;
        int count = problem.HasCounts ? Math.Clamp(operands.Data<int>(KvQuantizeProblem.Counts)[pair], 0, s.Rows) : s.Rows;
        if (i < 0 || i >= count) return null;
        int from = problem.HasRows ? operands.Data<int>(KvQuantizeProblem.Rows)[(pair * s.Rows) + i] : i;
        long to = (long)StartOf(problem, operands, batch, head) + i;
        if (from < 0 || from >= s.Slots || to < 0 || to >= s.TargetSlots) return null;
        ReadOnlySpan<int> table = problem.Paging is null ? default : operands.Data<int>(KvQuantizeProblem.PageTable);
        ReadOnlySpan<int> targetTable = problem.TargetPaging is null ? default : operands.Data<int>(KvQuantizeProblem.TargetPageTable);
        long offset = StoredSlots.Offset(problem.XStrides, batch, head, from, problem.Paging, table);
        if (offset < 0 || StoredSlots.Offset(problem.CodeStrides, batch, head, (int)to, problem.TargetPaging, targetTable) < 0) return null;
        return [.. Enumerable.Range(0, s.HeadDim).Select(d => (float)Storage.Read(operands[KvQuantizeProblem.X]!, operands.Offset + offset + d))];
    }
}
