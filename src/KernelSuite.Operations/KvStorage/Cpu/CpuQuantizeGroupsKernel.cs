using KernelSuite.Operations.Launching;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>What a group quantisation is called with.</summary>
internal abstract unsafe class CpuQuantizeGroupsKernelBase : ICpuKernel
{
    public RowAddress Source;
    public byte* Codes;
    public float* Minimum, Scale;

    public abstract long Tasks { get; }

    public abstract void Execute(long task, int worker);
}

/// <summary>Quantises groups with vectors. A task is a group of tokens of all channels, or some tokens with all their groups.</summary>
internal sealed unsafe class CpuQuantizeGroupsKernel<TSimd, TVector, T>(KvQuantizeGroupsProblem problem) : CpuQuantizeGroupsKernelBase
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where T : unmanaged
{
    private const int TaskRows = 64;

    private readonly KvQuantizeGroupsShape shape = problem.Shape;
    private readonly int band = problem.Options.Axis == KvGroupAxis.Tokens
        ? Math.Min(problem.Options.Group, Math.Max(problem.Shape.Slots, 1))
        : TaskRows;

    private long Bands => (shape.Slots + band - 1L) / band;

    public override long Tasks => (long)shape.Batch * shape.KvHeads * Bands;

    public override void Execute(long task, int worker)
    {
        (long pair, long index) = Math.DivRem(task, Bands);
        (int batch, int head) = Math.DivRem((int)pair, shape.KvHeads);
        int first = (int)(index * band), last = (int)Math.Min((long)first + band, shape.Slots), levels = problem.Options.Levels, dim = shape.HeadDim;
        byte* codes = Codes + (((pair * shape.Slots) + first) * dim);
        if (problem.Options.Axis == KvGroupAxis.Tokens)
        {
            long scale = ((pair * problem.Rows) + index) * dim;
            GroupCoder<TSimd, TVector, T>.Columns(
                (T*)Source.Row(batch, head, first), problem.XStrides.Row, last - first, dim, levels, codes, Minimum + scale, Scale + scale);
            return;
        }

        int group = problem.Options.Group;
        for (int slot = first; slot < last; slot++, codes += dim)
        {
            var row = (T*)Source.Row(batch, head, slot);
            long scale = ((pair * shape.Slots) + slot) * problem.Columns;
            for (int g = 0; g < problem.Columns; g++)
            {
                int d = g * group;
                GroupCoder<TSimd, TVector, T>.Row(row + d, Math.Min(group, dim - d), levels, codes + d, Minimum + scale + g, Scale + scale + g);
            }
        }
    }
}
