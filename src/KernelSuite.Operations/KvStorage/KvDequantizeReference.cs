using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>What stored rows stand for, from the definition of <see cref="KvFormat"/>.</summary>
internal static class KvDequantizeReference
{
    /// <summary>One row in double, or in float where <paramref name="naive"/>; <paramref name="lane"/> is added to each position of a code, which is how a faulty kernel errs.</summary>
    public static void Compute(KvDequantizeProblem problem, HostOperands operands, long unit, double[] row, bool naive, int lane = 0)
    {
        KvDequantizeShape s = problem.Shape;
        Array.Fill(row, OperationProblem.Unspecified);
        (long b, int head, int slot) = KvOperands.Locate(unit, s.KvHeads, s.Slots);
        var batch = (int)b;
        int length = problem.HasLengths ? operands.Data<int>(KvDequantizeProblem.Lengths)[(batch * s.KvHeads) + head] : s.Slots;
        if (slot >= length) return;
        ReadOnlySpan<int> table = problem.Paging is null ? default : operands.Data<int>(KvDequantizeProblem.PageTable);
        long codes = StoredSlots.Offset(problem.CodeStrides, batch, head, slot, problem.Paging, table);
        if (codes < 0) return;
        float scale = operands.Data<float>(KvDequantizeProblem.Scales)[(int)StoredSlots.Offset(problem.ScaleStrides, batch, head, slot, problem.Paging, table)];
        long groups = StoredSlots.Offset(problem.GroupStrides, batch, head, slot, problem.Paging, table);
        for (int d = 0; d < row.Length; d++)
        {
            int at = (d + lane) % row.Length;
            double factor, value;
            if (problem.Format == KvFormat.E4M3)
            {
                factor = scale;
                value = Float8E4M3.Decode(operands.Data<byte>(KvDequantizeProblem.Codes)[(int)codes + at]);
            }
            else
            {
                byte pair = operands.Data<byte>(KvDequantizeProblem.Codes)[(int)codes + (at / 32 * 16) + (at % 16)];
                factor = (double)scale * Float8E4M3.Decode(operands.Data<byte>(KvDequantizeProblem.Groups)[(int)groups + (at / 32)]);
                value = (at % 32 < 16 ? pair & 15 : pair >> 4) - 8;
            }

            row[d] = naive ? Rounded(problem.DType, (float)factor * (float)value) : factor * value;
        }
    }

    private static double Rounded(DType dtype, float value) => dtype switch
    {
        DType.Float16 => (double)(Half)value,
        DType.BFloat16 => (float)(BFloat16)value,
        _ => value,
    };
}
