using System.Runtime.InteropServices;

namespace KernelSuite.Runtime.Cuda;

/// <summary>Page-locked host memory, which the GPU copies from and to by itself. Pins the context that it was allocated in.</summary>
/// <typeparam name="T">Element type.</typeparam>
internal sealed unsafe class CudaHostBuffer<T> : HostBuffer<T>
    where T : unmanaged
{
    private readonly ContextHandle? context;
    private readonly long bytes;

    /// <summary>Takes over <paramref name="address"/> and clears it; the caller has made the context current.</summary>
    public CudaHostBuffer(nint address, long length, long bytes, ContextHandle context)
        : base(address, length)
    {
        NativeMemory.Clear((void*)address, (nuint)bytes);
        GC.AddMemoryPressure(bytes);
        this.bytes = bytes;
        bool pinned = false;
        context.DangerousAddRef(ref pinned);
        this.context = context;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing) CudaHandle.NoteFinaliser();
        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        if (bytes > 0) GC.RemoveMemoryPressure(bytes);
        // Without a context the constructor has failed, because the device was closed meanwhile; the memory went with it.
        if (context is null) return true;
        int status = context.Release(OrphanKind.HostMemory, handle);
        context.DangerousRelease();
        return status == CudaStatus.Success;
    }
}
