using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Launching;

/// <summary>Addresses of operands on the managed device.</summary>
internal static unsafe class CpuOperands
{
    /// <summary>Address of an operand's first element; null where it is absent. A launch keeps the slice's memory alive.</summary>
    public static byte* Address(DeviceSlice slice, int elementSize) =>
        slice.Memory is CpuMemory memory ? memory.Pointer + (slice.ElementOffset * elementSize) : null;
}
