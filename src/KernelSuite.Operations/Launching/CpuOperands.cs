using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Launching;

/// <summary>Addresses of operands on the managed device.</summary>
internal static unsafe class CpuOperands
{
    /// <summary>Address of an operand's first element; null where it is absent. Keep the slice's memory alive while using it.</summary>
    public static byte* Address(DeviceSlice slice, int elementSize) =>
        slice.Memory is CpuMemory memory ? memory.Pointer + (slice.ElementOffset * elementSize) : null;

    /// <summary>Keeps operands alive to this point: a kernel saw addresses only.</summary>
    public static void KeepAlive(ReadOnlySpan<DeviceSlice> operands)
    {
        foreach (DeviceSlice operand in operands) GC.KeepAlive(operand.Memory);
    }
}
