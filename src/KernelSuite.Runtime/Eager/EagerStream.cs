using System.Runtime.InteropServices;

namespace KernelSuite.Runtime;

/// <summary>
/// A stream over memory that the host can address: every call has finished its work when it returns. What devices that compute on
/// the host itself have in common.
/// </summary>
public abstract unsafe class EagerStream : DeviceStream
{
    private readonly Device device;
    private bool disposed;

    private protected EagerStream(Device device) => this.device = device;

    /// <inheritdoc/>
    public sealed override Device Device => device;

    /// <inheritdoc/>
    public sealed override bool IsDisposed => disposed;

    /// <inheritdoc/>
    public sealed override void WriteBytes(ReadOnlySpan<byte> source, DeviceMemory target, long targetByteOffset)
    {
        byte* address = Address(target, targetByteOffset, source.Length, nameof(target));
        source.CopyTo(new Span<byte>(address, source.Length));
        GC.KeepAlive(target);
    }

    /// <inheritdoc/>
    public sealed override void ReadBytes(DeviceMemory source, long sourceByteOffset, Span<byte> target)
    {
        byte* address = Address(source, sourceByteOffset, target.Length, nameof(source));
        new ReadOnlySpan<byte>(address, target.Length).CopyTo(target);
        GC.KeepAlive(source);
    }

    /// <inheritdoc/>
    public sealed override void Copy(DeviceMemory source, long sourceByteOffset, DeviceMemory target, long targetByteOffset, long byteCount)
    {
        byte* from = Address(source, sourceByteOffset, byteCount, nameof(source));
        byte* to = Address(target, targetByteOffset, byteCount, nameof(target));
        if (ReferenceEquals(source, target)) BufferBounds.CheckDisjoint(sourceByteOffset, targetByteOffset, byteCount, nameof(target));
        NativeMemory.Copy(from, to, (nuint)byteCount);
        GC.KeepAlive(source);
        GC.KeepAlive(target);
    }

    /// <inheritdoc/>
    public sealed override void Fill(DeviceMemory target, long byteOffset, long byteCount, byte value)
    {
        NativeMemory.Fill(Address(target, byteOffset, byteCount, nameof(target)), (nuint)byteCount, value);
        GC.KeepAlive(target);
    }

    /// <inheritdoc/>
    public sealed override void Record(DeviceEvent target)
    {
        ThrowIfDisposed();
        long now = EagerEvent.Now();
        EagerEvent.Own(target, device, nameof(target)).Set(now, now);
    }

    /// <inheritdoc/>
    public sealed override void Wait(DeviceEvent source)
    {
        ThrowIfDisposed();
        _ = EagerEvent.Own(source, device, nameof(source));
    }

    /// <inheritdoc/>
    public sealed override void Flush() => ThrowIfDisposed();

    /// <inheritdoc/>
    public sealed override void Synchronize() => ThrowIfDisposed();

    /// <inheritdoc/>
    protected sealed override void CopyToDeviceAsync(SafeHandle owner, void* source, DeviceMemory target, long targetByteOffset, long byteCount)
    {
        NativeMemory.Copy(source, Address(target, targetByteOffset, byteCount, nameof(target)), (nuint)byteCount);
        GC.KeepAlive(owner);
        GC.KeepAlive(target);
    }

    /// <inheritdoc/>
    protected sealed override void CopyToHostAsync(DeviceMemory source, long sourceByteOffset, SafeHandle owner, void* target, long byteCount)
    {
        NativeMemory.Copy(Address(source, sourceByteOffset, byteCount, nameof(source)), target, (nuint)byteCount);
        GC.KeepAlive(owner);
        GC.KeepAlive(source);
    }

    /// <inheritdoc/>
    protected sealed override void Dispose(bool disposing) => disposed = true;

    /// <summary>The host address of memory of this stream's device; null for memory of another device.</summary>
    /// <exception cref="ObjectDisposedException">The memory was freed.</exception>
    private protected abstract byte* AddressOf(DeviceMemory memory);

    private protected void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(disposed, this);

    /// <summary>Checks and gives an address. The caller keeps the memory alive past its last use, or a finaliser may free it meanwhile.</summary>
    private byte* Address(DeviceMemory memory, long offset, long count, string name)
    {
        ThrowIfDisposed();
        ArgumentNullException.ThrowIfNull(memory, name);
        byte* address = AddressOf(memory);
        if (address is null) throw new ArgumentException("The memory belongs to another device. Allocate it on this stream's device.", name);
        BufferBounds.CheckRange(offset, count, memory.ByteLength, name);
        return address + offset;
    }
}
