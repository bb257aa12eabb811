using System.Runtime.InteropServices;

namespace KernelSuite.Runtime.Cuda;

/// <summary>
/// The argument block of a kernel: a pointer for each argument, as cuLaunchKernel wants them, and behind those the values. Allocated once, so
/// that a launch builds nothing. Pins the module that the kernel lies in.
/// </summary>
internal sealed unsafe class KernelHandle : CudaHandle
{
    private const int BlockAlignment = 64;

    private KernelHandle(nint raw, ModuleHandle module)
        : base(raw, module)
    {
    }

    /// <summary>The addresses of the values, in order.</summary>
    public void** Pointers => (void**)handle;

    public static KernelHandle Create(IReadOnlyList<PtxParameter> parameters, ModuleHandle module)
    {
        nuint header = (nuint)(parameters.Count * sizeof(nint));
        nuint bytes = header;
        foreach (PtxParameter parameter in parameters) bytes = Align(bytes, parameter.Alignment) + (nuint)parameter.Size;
        int alignment = BlockAlignment;
        foreach (PtxParameter parameter in parameters) alignment = Math.Max(alignment, parameter.Alignment);
        var start = (byte*)NativeMemory.AlignedAlloc(Math.Max(bytes, BlockAlignment), (nuint)alignment);
        NativeMemory.Clear(start, bytes);
        nuint offset = header;
        for (int i = 0; i < parameters.Count; i++)
        {
            offset = Align(offset, parameters[i].Alignment);
            ((void**)start)[i] = start + offset;
            offset += (nuint)parameters[i].Size;
        }

        return new KernelHandle((nint)start, module);
    }

    /// <summary>The address of one value.</summary>
    public void* Value(int index) => Pointers[index];

    protected override int Release(nint raw)
    {
        NativeMemory.AlignedFree((void*)raw);
        return CudaStatus.Success;
    }

    private static nuint Align(nuint offset, int alignment) => (offset + (nuint)alignment - 1) / (nuint)alignment * (nuint)alignment;
}
