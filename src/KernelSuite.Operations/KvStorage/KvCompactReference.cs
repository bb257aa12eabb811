using KernelSuite.Operations.Attention;

namespace KernelSuite.Operations.KvStorage;

/// <summary>Compaction from its definition. What the operation does not touch is unspecified here; tests look at it by themselves.</summary>
internal static class KvCompactReference
{
    /// <summary>One unit; <paramref name="shift"/> is added to each index, which is how a faulty kernel errs.</summary>
    public static void Compute(KvCompactProblem problem, HostOperands operands, long unit, double[]?[] outputs, int shift = 0)
    {
        KvCompactShape s = problem.Shape;
        foreach (double[]? output in outputs)
            if (output is not null) Array.Fill(output, OperationProblem.Unspecified);
        ReadOnlySpan<int> table = problem.Paging is null ? default : operands.Data<int>(KvCompactProblem.PageTable);
        if (problem.StoredRows > 0
            && StoredSlots.Owner(unit % problem.StoredRows, s.Batch, s.KvHeads, s.Slots, problem.Paging, table) is { } row
            && Kept(problem, operands, row.Batch, row.Head, row.Slot, shift) is { } slot)
        {
            Copy(KvCompactProblem.K, KvCompactProblem.KOut, problem.KStrides, row.Batch, row.Head, slot, problem.Paging, table);
            Copy(KvCompactProblem.V, KvCompactProblem.VOut, problem.VStrides, row.Batch, row.Head, slot, problem.Paging, table);
        }

        if (!problem.HasSlotMap) return;
        (long batch, int head, int entry) = KvOperands.Locate(unit % problem.MapEntries, s.KvHeads, s.Slots);
        if (Kept(problem, operands, (int)batch, head, entry, shift) is { } from)
            Copy(KvCompactProblem.SlotMap, KvCompactProblem.SlotMapOut, TensorStrides.HeadMajor(s.KvHeads, s.Slots, 1), (int)batch, head, from, null, default);

        void Copy(int input, int output, TensorStrides strides, int b, int h, int source, KvPaging? paging, ReadOnlySpan<int> pages)
        {
            if (outputs[output] is not { } target) return;
            long offset = StoredSlots.Offset(strides, b, h, source, paging, pages);
            if (offset < 0) return;
            for (int d = 0; d < target.Length; d++) target[d] = Storage.Read(operands[input]!, operands.Offset + offset + d);
        }
    }

    private static int? Kept(KvCompactProblem problem, HostOperands operands, int batch, int head, int i, int shift)
    {
        KvCompactShape s = problem.Shape;
        int pair = (batch * s.KvHeads) + head;
        int count = problem.HasCounts ? Math.Clamp(operands.Data<int>(KvCompactProblem.Counts)[pair], 0, s.Kept) : s.Kept;
        if (i >= count) return null;
        int slot = operands.Data<int>(KvCompactProblem.Keep)[(pair * s.Kept) + i];
        return slot < 0 || slot >= s.Slots ? null : (slot + shift) % s.Slots;
    }
}
