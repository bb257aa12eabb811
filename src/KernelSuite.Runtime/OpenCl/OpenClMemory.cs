namespace KernelSuite.Runtime.OpenCl;

/// <summary>
/// An OpenCL buffer. Disposing it while queued commands use it is safe: the driver keeps the memory until they have finished.
/// </summary>
public sealed class OpenClMemory : DeviceMemory
{
    private readonly OpenClDevice device;

    internal OpenClMemory(OpenClDevice device, MemoryHandle handle, long bytes)
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
    internal static OpenClMemory Own(DeviceMemory memory, OpenClDevice device, string name)
    {
        ArgumentNullException.ThrowIfNull(memory, name);
        if (memory is not OpenClMemory own || !ReferenceEquals(own.device, device))
            throw new ArgumentException($"The memory belongs to another device. Allocate it on this '{device.Label}' object.", name);
        ObjectDisposedException.ThrowIf(own.IsDisposed, own);
        return own;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Handle.Dispose();
}
