using System.Runtime.InteropServices;

namespace KernelSuite.Runtime.OpenCl;

/// <summary>An in-order command queue with profiling switched on.</summary>
/// <remarks>
/// Lifetime of what is in flight: device memory and kernels may be disposed as soon as the call that uses them has returned, the
/// driver keeps them; host memory of asynchronous copies stays allocated until the copy is done, but must not be written.
/// </remarks>
public sealed unsafe class OpenClStream : DeviceStream
{
    private readonly OpenClDevice device;
    private readonly QueueHandle queue;
    private readonly InFlightCopies inFlight;

    internal OpenClStream(OpenClDevice device, QueueHandle queue)
    {
        this.device = device;
        this.queue = queue;
        inFlight = new InFlightCopies(device.Label);
    }

    /// <inheritdoc/>
    public override Device Device => device;

    /// <inheritdoc/>
    public override bool IsDisposed => queue.IsDisposed;

    /// <inheritdoc/>
    public override void WriteBytes(ReadOnlySpan<byte> source, DeviceMemory target, long targetByteOffset)
    {
        OpenClMemory own = Check(target, targetByteOffset, source.Length, nameof(target));
        if (source.IsEmpty) return;
        int status;
        fixed (byte* start = source)
        {
            status = ClNative.clEnqueueWriteBuffer(
                queue, own.Handle, ClConstants.True, (nuint)targetByteOffset, (nuint)source.Length, start, 0, null, null);
        }

        if (status != ClStatus.Success) throw CopyError(status, "clEnqueueWriteBuffer", targetByteOffset, source.Length, own);
    }

    /// <inheritdoc/>
    public override void ReadBytes(DeviceMemory source, long sourceByteOffset, Span<byte> target)
    {
        OpenClMemory own = Check(source, sourceByteOffset, target.Length, nameof(source));
        if (target.IsEmpty) return;
        int status;
        fixed (byte* start = target)
        {
            status = ClNative.clEnqueueReadBuffer(
                queue, own.Handle, ClConstants.True, (nuint)sourceByteOffset, (nuint)target.Length, start, 0, null, null);
        }

        if (status != ClStatus.Success) throw CopyError(status, "clEnqueueReadBuffer", sourceByteOffset, target.Length, own);
    }

    /// <inheritdoc/>
    public override void Copy(DeviceMemory source, long sourceByteOffset, DeviceMemory target, long targetByteOffset, long byteCount)
    {
        OpenClMemory from = Check(source, sourceByteOffset, byteCount, nameof(source));
        OpenClMemory to = Check(target, targetByteOffset, byteCount, nameof(target));
        if (ReferenceEquals(from, to)) BufferBounds.CheckDisjoint(sourceByteOffset, targetByteOffset, byteCount, nameof(target));
        if (byteCount == 0) return;
        int status = ClNative.clEnqueueCopyBuffer(
            queue, from.Handle, to.Handle, (nuint)sourceByteOffset, (nuint)targetByteOffset, (nuint)byteCount, 0, null, null);
        if (status != ClStatus.Success) throw CopyError(status, "clEnqueueCopyBuffer", targetByteOffset, byteCount, to);
    }

    /// <inheritdoc/>
    public override void Fill(DeviceMemory target, long byteOffset, long byteCount, byte value)
    {
        OpenClMemory own = Check(target, byteOffset, byteCount, nameof(target));
        if (byteCount == 0) return;
        // The driver writes one pattern at a time and wants offset and size to be multiples of it; take the widest that fits.
        const int Widest = 16;
        byte* pattern = stackalloc byte[Widest];
        new Span<byte>(pattern, Widest).Fill(value);
        nuint size = (byteOffset | byteCount) % Widest == 0 ? Widest : 1u;
        int status = ClNative.clEnqueueFillBuffer(queue, own.Handle, pattern, size, (nuint)byteOffset, (nuint)byteCount, 0, null, null);
        if (status != ClStatus.Success) throw CopyError(status, "clEnqueueFillBuffer", byteOffset, byteCount, own);
    }

    /// <inheritdoc/>
    public override void Launch(DeviceKernel kernel, in LaunchShape shape, DeviceEvent? timing = null)
    {
        ThrowIfDisposed();
        OpenClKernel own = OpenClKernel.Own(kernel, device, nameof(kernel));
        OpenClEvent? clock = timing is null ? null : OpenClEvent.Own(timing, device, nameof(timing));
        own.CheckShape(in shape);
        nuint* local = stackalloc nuint[] { (nuint)shape.ItemsX, (nuint)shape.ItemsY, (nuint)shape.ItemsZ };
        nuint* global = stackalloc nuint[]
        {
            (nuint)(shape.GroupsX * shape.ItemsX), (nuint)(shape.GroupsY * shape.ItemsY), (nuint)(shape.GroupsZ * shape.ItemsZ),
        };
        nint done = 0;
        int status;
        try
        {
            own.PinArguments();
            status = ClNative.clEnqueueNDRangeKernel(queue, own.Handle, 3, null, global, local, 0, null, clock is null ? null : &done);
        }
        finally
        {
            own.UnpinArguments();
        }

        if (status != ClStatus.Success) throw own.LaunchError(status, in shape);
        clock?.Set(done, point: false);
    }

    /// <inheritdoc/>
    public override void Record(DeviceEvent target)
    {
        ThrowIfDisposed();
        OpenClEvent own = OpenClEvent.Own(target, device, nameof(target));
        nint done = 0;
        int status = ClNative.clEnqueueMarkerWithWaitList(queue, 0, null, &done);
        ClStatus.Check(status, "clEnqueueMarkerWithWaitList", device.Label);
        own.Set(done, point: true);
    }

    /// <inheritdoc/>
    /// <remarks>The stream that records the event is not flushed by this; flush it, or the wait may never end.</remarks>
    public override void Wait(DeviceEvent source)
    {
        ThrowIfDisposed();
        nint raw = OpenClEvent.Own(source, device, nameof(source)).Retain();
        if (raw == 0) return;
        int status = ClNative.clEnqueueBarrierWithWaitList(queue, 1, &raw, null);
        _ = ClNative.clReleaseEvent(raw);
        ClStatus.Check(status, "clEnqueueBarrierWithWaitList", device.Label);
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        ThrowIfDisposed();
        ClStatus.Check(ClNative.clFlush(queue), "clFlush", device.Label);
    }

    /// <inheritdoc/>
    public override void Synchronize()
    {
        ThrowIfDisposed();
        ClStatus.Check(ClNative.clFinish(queue), "clFinish", device.Label);
        ClStatus.Check(inFlight.ReleaseAll(), "an asynchronous copy", device.Label);
    }

    /// <inheritdoc/>
    protected override void CopyToDeviceAsync(SafeHandle owner, void* source, DeviceMemory target, long targetByteOffset, long byteCount)
    {
        OpenClMemory own = Check(target, targetByteOffset, byteCount, nameof(target));
        if (byteCount == 0) return;
        nint done = 0;
        bool pinned = false;
        owner.DangerousAddRef(ref pinned);
        int status = ClNative.clEnqueueWriteBuffer(
            queue, own.Handle, ClConstants.False, (nuint)targetByteOffset, (nuint)byteCount, source, 0, null, &done);
        Track(status, "clEnqueueWriteBuffer", owner, done, targetByteOffset, byteCount, own);
    }

    /// <inheritdoc/>
    protected override void CopyToHostAsync(DeviceMemory source, long sourceByteOffset, SafeHandle owner, void* target, long byteCount)
    {
        OpenClMemory own = Check(source, sourceByteOffset, byteCount, nameof(source));
        if (byteCount == 0) return;
        nint done = 0;
        bool pinned = false;
        owner.DangerousAddRef(ref pinned);
        int status = ClNative.clEnqueueReadBuffer(
            queue, own.Handle, ClConstants.False, (nuint)sourceByteOffset, (nuint)byteCount, target, 0, null, &done);
        Track(status, "clEnqueueReadBuffer", owner, done, sourceByteOffset, byteCount, own);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (IsDisposed) return;
        // A failure of queued work is reported by Synchronize; Dispose only has to be sure that nothing runs any more.
        bool finished = ClNative.clFinish(queue) == ClStatus.Success;
        if (finished) _ = inFlight.ReleaseAll();
        queue.Dispose();
    }

    private void Track(int status, string call, SafeHandle owner, nint done, long offset, long count, OpenClMemory memory)
    {
        if (status == ClStatus.Success)
        {
            inFlight.Add(owner, done);
            return;
        }

        owner.DangerousRelease();
        throw CopyError(status, call, offset, count, memory);
    }

    private OpenClMemory Check(DeviceMemory memory, long offset, long count, string name)
    {
        ThrowIfDisposed();
        OpenClMemory own = OpenClMemory.Own(memory, device, name);
        BufferBounds.CheckRange(offset, count, own.ByteLength, name);
        return own;
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(queue.IsDisposed, this);

    private DeviceException CopyError(int status, string call, long offset, long count, OpenClMemory memory) =>
        ClStatus.Error(status, call, device.Label, $"{count:N0} bytes at byte {offset:N0} of a buffer of {memory.ByteLength:N0}");
}
