using System.Runtime.InteropServices;

namespace KernelSuite.Runtime.CudaHost;

/// <summary>Memory that cudahost knows the exact bounds of.</summary>
public sealed unsafe class CudaHostMemory : DeviceMemory
{
    private readonly Block block;

    internal CudaHostMemory(CudaHostDevice device, nint address, long bytes)
    {
        Device = device;
        ByteLength = bytes;
        block = new Block(address, bytes);
    }

    /// <inheritdoc/>
    public override Device Device { get; }

    /// <inheritdoc/>
    public override long ByteLength { get; }

    /// <inheritdoc/>
    public override bool IsDisposed => block.IsClosed;

    /// <summary>Address of the first byte.</summary>
    /// <exception cref="ObjectDisposedException">The memory was freed.</exception>
    internal byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(block.IsClosed, this);
            return (byte*)block.DangerousGetHandle();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => block.Dispose();

    private sealed class Block : SafeHandle
    {
        private readonly long bytes;

        public Block(nint address, long bytes)
            : base(0, ownsHandle: true)
        {
            this.bytes = bytes;
            handle = address;
            if (bytes > 0) GC.AddMemoryPressure(bytes);
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            if (bytes > 0) GC.RemoveMemoryPressure(bytes);
            return CudaHostNative.cudahost_memory_free(handle) == CudaHostNative.Ok;
        }
    }
}
