using System.Runtime.InteropServices;

namespace KernelSuite.Runtime.Cpu;

/// <summary>Memory of the CPU device: 64-byte aligned, uninitialised, outside the garbage-collected heap.</summary>
public sealed unsafe class CpuMemory : DeviceMemory
{
    private readonly Block block;
    private readonly CpuDevice device;

    internal CpuMemory(CpuDevice device, long bytes)
    {
        this.device = device;
        ByteLength = bytes;
        block = new Block(bytes);
    }

    /// <inheritdoc/>
    public override Device Device => device;

    /// <inheritdoc/>
    public override long ByteLength { get; }

    /// <inheritdoc/>
    public override bool IsDisposed => block.IsClosed;

    /// <summary>Address of the first byte.</summary>
    /// <exception cref="ObjectDisposedException">The memory was freed.</exception>
    public byte* Pointer
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

        public Block(long bytes)
            : base(0, ownsHandle: true)
        {
            this.bytes = bytes;
            handle = (nint)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 64), 64);
            if (bytes > 0) GC.AddMemoryPressure(bytes);
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            NativeMemory.AlignedFree((void*)handle);
            if (bytes > 0) GC.RemoveMemoryPressure(bytes);
            return true;
        }
    }
}
