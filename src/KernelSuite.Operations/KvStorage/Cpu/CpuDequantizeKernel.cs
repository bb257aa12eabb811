using KernelSuite.Operations.Launching;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>What a dequantisation is called with.</summary>
internal abstract unsafe class CpuDequantizeKernelBase : ICpuKernel
{
    public RowAddress Codes, Groups, Scales, Target;
    public int* Lengths;

    public abstract long Tasks { get; }

    public abstract void Execute(long task, int worker);
}

/// <summary>Dequantises with vectors. A task is some rows of a head.</summary>
internal sealed unsafe class CpuDequantizeKernel<TSimd, TFormat, TVector, T>(KvDequantizeProblem problem) : CpuDequantizeKernelBase
    where TSimd : struct, ISimd<TVector>
    where TFormat : struct, IFormatSimd<TVector>
    where TVector : struct
    where T : unmanaged
{
    private const int TaskRows = 256;

    /// <summary>Rows between a prefetch and its use.</summary>
    private const int AheadRows = 16;

    private readonly KvDequantizeShape shape = problem.Shape;
    private readonly KvFormat format = problem.Format;

    private long Blocks => (shape.Slots + TaskRows - 1L) / TaskRows;

    public override long Tasks => shape.Batch * shape.KvHeads * Blocks;

    public override void Execute(long task, int worker)
    {
        (long pair, long block) = Math.DivRem(task, Blocks);
        (int batch, int head) = Math.DivRem((int)pair, shape.KvHeads);
        int length = Lengths == null ? shape.Slots : Math.Clamp(Lengths[pair], 0, shape.Slots);
        int first = (int)(block * TaskRows), last = Math.Min(first + TaskRows, length);
        var ahead = new PrefetchDistance(AheadRows * Codes.RowStride, AheadRows * Target.RowStride);
        int codeBytes = format.CodeBytes(shape.HeadDim), rowBytes = shape.HeadDim * sizeof(T);
        for (int slot = first; slot < last; slot++)
        {
            byte* codes = Codes.Row(batch, head, slot);
            if (codes == null) continue;
            float scale = *(float*)Scales.Row(batch, head, slot);
            var row = (T*)Target.Row(batch, head, slot);
            ahead.Prefetch(codes, codeBytes, (byte*)row, rowBytes);
            if (format == KvFormat.Int4)
                RowDecoder<TSimd, TFormat, TVector, T>.DecodeInt4(codes, Groups.Row(batch, head, slot), shape.HeadDim, scale, row);
            else RowDecoder<TSimd, TFormat, TVector, T>.DecodeE4M3(codes, shape.HeadDim, scale, row);
        }
    }
}
