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

    /// <inheritdoc/>
    public override bool IsDisposed => disposed;

    /// <summary>Runs a managed kernel on the device's team.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="tasks">Number of tasks.</param>
    /// <param name="timing">Receives start and end, if given.</param>
    /// <param name="cancellation">Checked between tasks.</param>
    /// <exception cref="OperationCanceledException">Cancelled between tasks; outputs are partly written.</exception>
    public void Launch(ICpuKernel kernel, long tasks, DeviceEvent? timing = null, CancellationToken cancellation = default)
    {
        ThrowIfDisposed();
        CpuEvent? clock = timing is null ? null : CpuEvent.Own(timing, device, nameof(timing));
        long start = clock is null ? 0 : CpuEvent.Now();
        device.Team.Run(kernel, tasks, cancellation);
        clock?.Set(start, CpuEvent.Now());
    }

    /// <inheritdoc/>
    public override void Launch(DeviceKernel kernel, in LaunchShape shape, DeviceEvent? timing = null) =>
        throw new NotSupportedException("The cpu device launches ICpuKernel objects; no DeviceKernel can come from it.");

    /// <inheritdoc/>
    public override void WriteBytes(ReadOnlySpan<byte> source, DeviceMemory target, long targetByteOffset)
    {
        byte* address = Address(target, targetByteOffset, source.Length, nameof(target));
        source.CopyTo(new Span<byte>(address, source.Length));
        GC.KeepAlive(target);
    }

    /// <inheritdoc/>
    public override void ReadBytes(DeviceMemory source, long sourceByteOffset, Span<byte> target)
    {
        byte* address = Address(source, sourceByteOffset, target.Length, nameof(source));
        new ReadOnlySpan<byte>(address, target.Length).CopyTo(target);
        GC.KeepAlive(source);
    }

    /// <inheritdoc/>
    public override void Copy(DeviceMemory source, long sourceByteOffset, DeviceMemory target, long targetByteOffset, long byteCount)
    {
        byte* from = Address(source, sourceByteOffset, byteCount, nameof(source));
        byte* to = Address(target, targetByteOffset, byteCount, nameof(target));
        if (ReferenceEquals(source, target)) BufferBounds.CheckDisjoint(sourceByteOffset, targetByteOffset, byteCount, nameof(target));
        NativeMemory.Copy(from, to, (nuint)byteCount);
        GC.KeepAlive(source);
        GC.KeepAlive(target);
    }

    /// <inheritdoc/>
    public override void Fill(DeviceMemory target, long byteOffset, long byteCount, byte value)
    {
        NativeMemory.Fill(Address(target, byteOffset, byteCount, nameof(target)), (nuint)byteCount, value);
        GC.KeepAlive(target);
    }

    /// <inheritdoc/>
    public override void Record(DeviceEvent target)
    {
        ThrowIfDisposed();
        long now = CpuEvent.Now();
        CpuEvent.Own(target, device, nameof(target)).Set(now, now);
    }

    /// <inheritdoc/>
    public override void Wait(DeviceEvent source)
    {
        ThrowIfDisposed();
        _ = CpuEvent.Own(source, device, nameof(source));
    }

    /// <inheritdoc/>
    public override void Flush() => ThrowIfDisposed();

    /// <inheritdoc/>
    public override void Synchronize() => ThrowIfDisposed();

    /// <inheritdoc/>
    protected override void CopyToDeviceAsync(SafeHandle owner, void* source, DeviceMemory target, long targetByteOffset, long byteCount)
    {
        NativeMemory.Copy(source, Address(target, targetByteOffset, byteCount, nameof(target)), (nuint)byteCount);
        GC.KeepAlive(owner);
        GC.KeepAlive(target);
    }

    /// <inheritdoc/>
    protected override void CopyToHostAsync(DeviceMemory source, long sourceByteOffset, SafeHandle owner, void* target, long byteCount)
    {
        NativeMemory.Copy(Address(source, sourceByteOffset, byteCount, nameof(source)), target, (nuint)byteCount);
        GC.KeepAlive(owner);
        GC.KeepAlive(source);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => disposed = true;

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(disposed, this);

    /// <summary>Checks and gives an address. The caller keeps the memory alive past its last use, or a finaliser may free it meanwhile.</summary>
    private byte* Address(DeviceMemory memory, long offset, long count, string name)
    {
        ThrowIfDisposed();
        ArgumentNullException.ThrowIfNull(memory, name);
        if (memory is not CpuMemory own || !ReferenceEquals(own.Device, device))
            throw new ArgumentException("The memory belongs to another device. Allocate it on this stream's device.", name);
        BufferBounds.CheckRange(offset, count, own.ByteLength, name);
        return own.Pointer + offset;
    }
}
