using System.Runtime.InteropServices;

namespace KernelSuite.Runtime.Cpu;

/// <summary>An eager stream: every call has finished its work when it returns.</summary>
public sealed unsafe class CpuStream : DeviceStream
{
    private readonly CpuDevice device;
    private bool disposed;

    internal CpuStream(CpuDevice device) => this.device = device;

    /// <inheritdoc/>
    public override Device Device => device;

    /// <summary>Runs a managed kernel on the device's team.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="tasks">Number of tasks.</param>
    /// <param name="timing">Receives start and end, if given.</param>
    /// <param name="cancellation">Checked between tasks.</param>
    /// <exception cref="OperationCanceledException">Cancelled between tasks; outputs are partly written.</exception>
    public void Launch(ICpuKernel kernel, long tasks, DeviceEvent? timing = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        long start = timing is null ? 0 : CpuEvent.Now();
        device.Team.Run(kernel, tasks, cancellation);
        if (timing is not null) Own(timing).Set(start, CpuEvent.Now());
    }

    /// <inheritdoc/>
    public override void Launch(DeviceKernel kernel, in LaunchShape shape, DeviceEvent? timing = null) =>
        throw new NotSupportedException("The cpu device launches ICpuKernel objects; no DeviceKernel can come from it.");

    /// <inheritdoc/>
    public override void WriteBytes(ReadOnlySpan<byte> source, DeviceMemory target, long targetByteOffset)
    {
        Span<byte> all = source.IsEmpty ? [] : new Span<byte>(Address(target, targetByteOffset, source.Length), source.Length);
        source.CopyTo(all);
    }

    /// <inheritdoc/>
    public override void ReadBytes(DeviceMemory source, long sourceByteOffset, Span<byte> target) =>
        new ReadOnlySpan<byte>(Address(source, sourceByteOffset, target.Length), target.Length).CopyTo(target);

    /// <inheritdoc/>
    public override void Copy(DeviceMemory source, long sourceByteOffset, DeviceMemory target, long targetByteOffset, long byteCount) =>
        NativeMemory.Copy(
            Address(source, sourceByteOffset, byteCount), Address(target, targetByteOffset, byteCount), (nuint)byteCount);

    /// <inheritdoc/>
    public override void Fill(DeviceMemory target, long byteOffset, long byteCount, byte value) =>
        NativeMemory.Fill(Address(target, byteOffset, byteCount), (nuint)byteCount, value);

    /// <inheritdoc/>
    public override void Record(DeviceEvent target)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        long now = CpuEvent.Now();
        Own(target).Set(now, now);
    }

    /// <inheritdoc/>
    public override void Wait(DeviceEvent source) => Own(source);

    /// <inheritdoc/>
    public override void Flush() => ObjectDisposedException.ThrowIf(disposed, this);

    /// <inheritdoc/>
    public override void Synchronize() => ObjectDisposedException.ThrowIf(disposed, this);

    /// <inheritdoc/>
    protected override void CopyToDeviceAsync(void* source, DeviceMemory target, long targetByteOffset, long byteCount) =>
        NativeMemory.Copy(source, Address(target, targetByteOffset, byteCount), (nuint)byteCount);

    /// <inheritdoc/>
    protected override void CopyToHostAsync(DeviceMemory source, long sourceByteOffset, void* target, long byteCount) =>
        NativeMemory.Copy(Address(source, sourceByteOffset, byteCount), target, (nuint)byteCount);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => disposed = true;

    private static CpuEvent Own(DeviceEvent value) => value as CpuEvent
        ?? throw new ArgumentException("The event belongs to another device. Make it with this device's CreateEvent.", nameof(value));

    private byte* Address(DeviceMemory memory, long offset, long count)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (memory is not CpuMemory own || own.Device != device)
            throw new ArgumentException("The memory belongs to another device. Allocate it on this stream's device.", nameof(memory));
        BufferBounds.CheckRange(offset, count, own.ByteLength, nameof(offset));
        return own.Pointer + offset;
    }
}
