using System.Runtime.InteropServices;

namespace KernelSuite.Runtime;

/// <summary>
/// An in-order queue of copies and launches. Calls return when the work is queued (the cpu device: when it is done);
/// <see cref="Synchronize"/> waits. Not thread-safe: one thread at a time.
/// </summary>
public abstract class DeviceStream : IDisposable, IAsyncDisposable
{
    /// <summary>The device that owns the stream.</summary>
    public abstract Device Device { get; }

    /// <summary>Whether the stream was disposed.</summary>
    public abstract bool IsDisposed { get; }

    /// <summary>Copies to the device and returns when <paramref name="source"/> may be reused.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The target range lies outside the buffer.</exception>
    public void Write<T>(ReadOnlySpan<T> source, DeviceBuffer<T> target, long targetOffset = 0)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(target);
        BufferBounds.CheckRange(targetOffset, source.Length, target.Length, nameof(targetOffset));
        WriteBytes(MemoryMarshal.AsBytes(source), target.Memory, BufferBounds.ByteCount<T>(targetOffset));
    }

    /// <summary>Copies from the device after all earlier work and returns when <paramref name="target"/> is filled.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The source range lies outside the buffer.</exception>
    public void Read<T>(DeviceBuffer<T> source, Span<T> target, long sourceOffset = 0)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(source);
        BufferBounds.CheckRange(sourceOffset, target.Length, source.Length, nameof(sourceOffset));
        ReadBytes(source.Memory, BufferBounds.ByteCount<T>(sourceOffset), MemoryMarshal.AsBytes(target));
    }

    /// <summary>
    /// Queues a copy to the device. <paramref name="source"/> must stay untouched until the stream has passed it; if it is disposed
    /// earlier its memory is freed when the copy is done.
    /// </summary>
    public unsafe void WriteAsync<T>(HostBuffer<T> source, DeviceBuffer<T> target)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        BufferBounds.CheckRange(0, source.Length, target.Length, nameof(source));
        CopyToDeviceAsync(source, source.Pointer, target.Memory, 0, BufferBounds.ByteCount<T>(source.Length));
    }

    /// <summary>Queues a copy from the device. <paramref name="target"/> is valid once the stream has passed it.</summary>
    public unsafe void ReadAsync<T>(DeviceBuffer<T> source, HostBuffer<T> target)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        BufferBounds.CheckRange(0, target.Length, source.Length, nameof(target));
        CopyToHostAsync(source.Memory, 0, target, target.Pointer, BufferBounds.ByteCount<T>(target.Length));
    }

    /// <summary>Untyped blocking write at a byte offset; the range is checked.</summary>
    public abstract void WriteBytes(ReadOnlySpan<byte> source, DeviceMemory target, long targetByteOffset);

    /// <summary>Untyped blocking read at a byte offset; the range is checked.</summary>
    public abstract void ReadBytes(DeviceMemory source, long sourceByteOffset, Span<byte> target);

    /// <summary>Queues a copy between two memories of this device; ranges are checked and must not overlap.</summary>
    public abstract void Copy(DeviceMemory source, long sourceByteOffset, DeviceMemory target, long targetByteOffset, long byteCount);

    /// <summary>Queues filling a range with one byte value.</summary>
    public abstract void Fill(DeviceMemory target, long byteOffset, long byteCount, byte value);

    /// <summary>Queues a kernel with the arguments set on it. Allocates nothing.</summary>
    /// <param name="kernel">The kernel; its arguments are captured by this call.</param>
    /// <param name="shape">Groups and work-items per group.</param>
    /// <param name="timing">Receives the kernel's own start and end on the device clock, if given.</param>
    public abstract void Launch(DeviceKernel kernel, in LaunchShape shape, DeviceEvent? timing = null);

    /// <summary>Records the present end of the stream in <paramref name="target"/>, replacing what it held.</summary>
    public abstract void Record(DeviceEvent target);

    /// <summary>Makes later work of this stream wait for an event of any stream of the same device.</summary>
    public abstract void Wait(DeviceEvent source);

    /// <summary>Sends queued work to the device without waiting.</summary>
    public abstract void Flush();

    /// <summary>Waits until all queued work is done, and reports its failure if it failed.</summary>
    public abstract void Synchronize();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Waits for queued work off the calling thread, then disposes.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!IsDisposed) await Task.Run(Synchronize).ConfigureAwait(false);
        }
        finally
        {
            Dispose();
            GC.SuppressFinalize(this);
        }
    }

    /// <summary>Waits for queued work, then releases the queue.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>
    /// Backend half of <see cref="WriteAsync{T}"/>; ranges are already checked against the typed buffer. A backend whose copy outlives
    /// the call pins <paramref name="owner"/> (the memory behind <paramref name="source"/>) until the copy is done.
    /// </summary>
    protected abstract unsafe void CopyToDeviceAsync(SafeHandle owner, void* source, DeviceMemory target, long targetByteOffset, long byteCount);

    /// <summary>Backend half of <see cref="ReadAsync{T}"/>; pins <paramref name="owner"/> as its counterpart does.</summary>
    protected abstract unsafe void CopyToHostAsync(DeviceMemory source, long sourceByteOffset, SafeHandle owner, void* target, long byteCount);
}

/// <summary>Grid of a launch: groups (blocks) and work-items (threads) per group in up to three dimensions.</summary>
/// <param name="GroupsX">Groups along x.</param>
/// <param name="GroupsY">Groups along y.</param>
/// <param name="GroupsZ">Groups along z.</param>
/// <param name="ItemsX">Work-items per group along x.</param>
/// <param name="ItemsY">Work-items per group along y.</param>
/// <param name="ItemsZ">Work-items per group along z.</param>
/// <param name="LocalBytes">Dynamic shared memory in bytes (CUDA; OpenCL passes it as a local argument instead).</param>
public readonly record struct LaunchShape(
    long GroupsX, long GroupsY = 1, long GroupsZ = 1, int ItemsX = 1, int ItemsY = 1, int ItemsZ = 1, int LocalBytes = 0);
