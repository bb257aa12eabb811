using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KernelSuite.Runtime;

/// <summary>
/// Host memory at a fixed address, 64-byte aligned: source or target of asynchronous copies. A backend may register the memory
/// with its driver (page-locked); the plain kind here is aligned native memory.
/// </summary>
/// <typeparam name="T">Element type.</typeparam>
public unsafe class HostBuffer<T> : SafeHandle
    where T : unmanaged
{
    private volatile bool disposed;

    /// <summary>Allocates zeroed memory for <paramref name="length"/> elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or absurd length.</exception>
    /// <exception cref="OutOfMemoryException">The operating system has no such block.</exception>
    public HostBuffer(long length)
        : base(0, ownsHandle: true)
    {
        long bytes = BufferBounds.ByteCount<T>(length);
        Length = length;
        handle = (nint)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 64), 64);
        NativeMemory.Clear((void*)handle, (nuint)bytes);
        if (bytes > 0) GC.AddMemoryPressure(bytes);
    }

    /// <summary>Takes over zeroed memory of a backend; the subclass frees it by overriding <see cref="SafeHandle.ReleaseHandle"/>.</summary>
    /// <param name="address">Start of the memory, 64-byte aligned.</param>
    /// <param name="length">Length in elements.</param>
    protected HostBuffer(nint address, long length)
        : base(0, ownsHandle: true)
    {
        Length = length;
        handle = address;
    }

    /// <summary>Length in elements.</summary>
    public long Length { get; }

    /// <summary>Whether the buffer was disposed. Its memory may live on until queued copies have finished.</summary>
    public bool IsDisposed => disposed;

    /// <summary>Address of the first element.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    public T* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return (T*)handle;
        }
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The memory as a span; valid as long as the buffer is referenced and not disposed.</summary>
    /// <exception cref="InvalidOperationException">More than <see cref="int.MaxValue"/> elements.</exception>
    public Span<T> Span => Length <= int.MaxValue
        ? new Span<T>(Pointer, (int)Length)
        : throw new InvalidOperationException($"{Length:N0} elements do not fit a Span; use {nameof(Pointer)}.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        disposed = true;
        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        long bytes = Length * Unsafe.SizeOf<T>();
        if (bytes > 0) GC.RemoveMemoryPressure(bytes);
        return true;
    }
}
