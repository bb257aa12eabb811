using KernelSuite.Operations.Attention;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode;

/// <summary>Rows of the cache on the host, one at a time and widened: what references and inputs go by. Dull on purpose.</summary>
internal sealed class CacheRows(DecodeProblem problem, HostOperands operands)
{
    public int OriginalLength(int batch) => problem.OriginalLength(problem.Original.HasLengths ? operands.Data<int>(DecodeProblem.KvLengths)[batch] : 0);

    public int QuantisedLength(int batch) =>
        problem.QuantisedLength(problem.Quantised is { Slots.HasLengths: true } ? operands.Data<int>(DecodeProblem.QuantisedLengths)[batch] : 0);

    /// <summary>Element offset of a slot's row in a tensor of a segment.</summary>
    public long Offset(int operand, int batch, int kvHead, int slot)
    {
        bool quantised = operand >= DecodeProblem.KCodes;
        DecodeSegment segment = quantised ? problem.Quantised!.Slots : problem.Original;
        long block = batch;
        if (segment.Paging is { } paging)
        {
            int table = quantised ? DecodeProblem.QuantisedPageTable : DecodeProblem.PageTable;
            block = operands.Data<int>(table)[(batch * paging.PagesPerSequence) + (slot / paging.PageSize)];
            slot %= paging.PageSize;
        }

        TensorStrides strides = problem.Strides(operand);
        return (block * strides.Batch) + (kvHead * strides.Head) + (slot * strides.Row);
    }

    /// <summary>Reads an original key (operand K) or value (operand V) row.</summary>
    public void ReadOriginal(int operand, int batch, int kvHead, int slot, float[] row) => Read(operand, Offset(operand, batch, kvHead, slot), row);

    /// <summary>Reads a query row.</summary>
    public void ReadQuery(int batch, int head, int query, float[] row)
    {
        TensorStrides s = problem.Strides(DecodeProblem.Q);
        Read(DecodeProblem.Q, (batch * s.Batch) + (head * s.Head) + (query * s.Row), row);
    }

    /// <summary>Reads a quantised key (operand KCodes) or value (operand VCodes) row without its scale, which is returned. Exact: a group factor times a code fits a float.</summary>
    public float ReadQuantised(int operand, int batch, int kvHead, int slot, float[] row)
    {
        ReadOnlySpan<byte> codes = operands.Data<byte>(operand)[(int)Offset(operand, batch, kvHead, slot)..];
        float scale = operands.Data<float>(operand + 2)[(int)Offset(operand + 2, batch, kvHead, slot)];
        if (problem.Quantised!.Format == KvFormat.E4M3)
        {
            for (int d = 0; d < row.Length; d++) row[d] = Float8E4M3.Decode(codes[d]);
            return scale;
        }

        ReadOnlySpan<byte> groups = operands.Data<byte>(operand + 1)[(int)Offset(operand + 1, batch, kvHead, slot)..];
        for (int d = 0; d < row.Length; d++)
        {
            (int group, int element) = Math.DivRem(d, KvFormats.GroupSize);
            int pair = codes[(group * 16) + (element % 16)];
            row[d] = Float8E4M3.Decode(groups[group]) * ((element < 16 ? pair & 15 : pair >> 4) - 8);
        }

        return scale;
    }

    private void Read(int operand, long offset, float[] row)
    {
        switch (problem.DType)
        {
            case DType.Float32: Widen<float>(operand, offset, row); break;
            case DType.Float16: Widen<Half>(operand, offset, row); break;
            default: Widen<BFloat16>(operand, offset, row); break;
        }
    }

    private void Widen<T>(int operand, long offset, float[] row)
        where T : unmanaged
    {
        ReadOnlySpan<T> source = operands.Data<T>(operand).Slice((int)offset, row.Length);
        for (int d = 0; d < row.Length; d++) row[d] = Storage.ToSingle(source[d]);
    }
}
