namespace KernelSuite.Runtime.Cuda;

/// <summary>
/// Memory of a GPU. Disposing it while queued commands use it is safe: the driver waits for them before it frees the memory.
/// </summary>
public sealed class CudaMemory : DeviceMemory
{
    private readonly CudaDevice device;

    internal CudaMemory(CudaDevice device, MemoryHandle handle, long bytes)
    {
        this.device = device;
        Handle = handle;
        ByteLength = bytes;
    }

    /// <inheritdoc/>
    public override Device Device => device;

    /// <inheritdoc/>
    public override long ByteLength { get; }

    /// <inheritdoc/>
    public override bool IsDisposed => Handle.IsDisposed;

    internal MemoryHandle Handle { get; }

    /// <summary>Checks that memory handed in is alive and of <paramref name="device"/>.</summary>
    /// <exception cref="ArgumentException">It belongs to another device.</exception>
    /// <exception cref="ObjectDisposedException">It was freed.</exception>
    internal static CudaMemory Own(DeviceMemory memory, CudaDevice device, string name)
    {
        ArgumentNullException.ThrowIfNull(memory, name);
        if (memory is not CudaMemory own || !ReferenceEquals(own.device, device))
            throw new ArgumentException($"The memory belongs to another device. Allocate it on this '{device.Label}' object.", name);
        ObjectDisposedException.ThrowIf(own.IsDisposed, own);
        return own;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Handle.Dispose();
}
