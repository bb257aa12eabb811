using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>Addresses of one launch.</summary>
internal unsafe struct CpuDecodeArguments
{
    public byte* Q, K, V, KCodes, KGroups, VCodes, VGroups, Out;
    public float* KScales, VScales, Lse, Logits;
    public int* PageTable, KvLengths, QuantisedPageTable, QuantisedLengths;

    public static CpuDecodeArguments Of(ReadOnlySpan<DeviceSlice> operands, int elementSize) => new()
    {
        Q = CpuOperands.Address(operands[DecodeProblem.Q], elementSize),
        K = CpuOperands.Address(operands[DecodeProblem.K], elementSize),
        V = CpuOperands.Address(operands[DecodeProblem.V], elementSize),
        PageTable = (int*)CpuOperands.Address(operands[DecodeProblem.PageTable], sizeof(int)),
        KvLengths = (int*)CpuOperands.Address(operands[DecodeProblem.KvLengths], sizeof(int)),
        KCodes = CpuOperands.Address(operands[DecodeProblem.KCodes], 1),
        KGroups = CpuOperands.Address(operands[DecodeProblem.KGroups], 1),
        KScales = (float*)CpuOperands.Address(operands[DecodeProblem.KScales], sizeof(float)),
        VCodes = CpuOperands.Address(operands[DecodeProblem.VCodes], 1),
        VGroups = CpuOperands.Address(operands[DecodeProblem.VGroups], 1),
        VScales = (float*)CpuOperands.Address(operands[DecodeProblem.VScales], sizeof(float)),
        QuantisedPageTable = (int*)CpuOperands.Address(operands[DecodeProblem.QuantisedPageTable], sizeof(int)),
        QuantisedLengths = (int*)CpuOperands.Address(operands[DecodeProblem.QuantisedLengths], sizeof(int)),
        Out = CpuOperands.Address(operands[DecodeProblem.Out], elementSize),
        Lse = (float*)CpuOperands.Address(operands[DecodeProblem.Lse], sizeof(float)),
        Logits = (float*)CpuOperands.Address(operands[DecodeProblem.Logits], sizeof(float)),
    };
}

/// <summary>The part of a kernel that the plan sees.</summary>
internal abstract class CpuDecodeKernelBase : ICpuKernel
{
    /// <summary>Operands of the launch under way.</summary>
    public CpuDecodeArguments Arguments;

    /// <summary>Number of tasks.</summary>
    public abstract long Tasks { get; }

    /// <summary>Called before the tasks of a launch.</summary>
    public abstract void Begin();

    /// <inheritdoc/>
    public abstract void Execute(long task, int worker);
}
