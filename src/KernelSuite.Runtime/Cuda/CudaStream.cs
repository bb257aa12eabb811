using System.Runtime.InteropServices;

namespace KernelSuite.Runtime.Cuda;

/// <summary>A CUDA stream that does not wait for the legacy default stream.</summary>
/// <remarks>
/// Lifetime of what is in flight: device memory, kernels and programs may be disposed as soon as the call that uses them has returned, their
/// release waits for the GPU; host memory of asynchronous copies stays allocated until the copy is done, but must not be written.
/// </remarks>
public sealed unsafe class CudaStream : DeviceStream
{
    private readonly CudaDevice device;
    private readonly ContextHandle context;
    private readonly StreamHandle queue;
    private readonly InFlightCopies inFlight;

    internal CudaStream(CudaDevice device, StreamHandle queue)
    {
        this.device = device;
        this.queue = queue;
        context = device.Context;
        inFlight = new InFlightCopies(device.Events);
    }

    /// <inheritdoc/>
    public override Device Device => device;

    /// <inheritdoc/>
    public override bool IsDisposed => queue.IsDisposed;

    /// <inheritdoc/>
    // From pageable memory the driver copies by way of a buffer of its own and may return before it has read all; hence the wait.
    public override void WriteBytes(ReadOnlySpan<byte> source, DeviceMemory target, long targetByteOffset)
    {
        CudaMemory own = Check(target, targetByteOffset, source.Length, nameof(target), "cuMemcpyHtoDAsync_v2");
        if (source.IsEmpty) return;
        fixed (byte* start = source)
        {
            nint address = Pin(own);
            int status = CudaNative.cuMemcpyHtoDAsync_v2(address + (nint)targetByteOffset, start, (nuint)source.Length, queue);
            own.Handle.DangerousRelease();
            if (status != CudaStatus.Success) throw CopyError(status, "cuMemcpyHtoDAsync_v2", targetByteOffset, source.Length, own);
            Wait();
        }
    }

    /// <inheritdoc/>
    public override void ReadBytes(DeviceMemory source, long sourceByteOffset, Span<byte> target)
    {
        CudaMemory own = Check(source, sourceByteOffset, target.Length, nameof(source), "cuMemcpyDtoHAsync_v2");
        if (target.IsEmpty) return;
        fixed (byte* start = target)
        {
            nint address = Pin(own);
            int status = CudaNative.cuMemcpyDtoHAsync_v2(start, address + (nint)sourceByteOffset, (nuint)target.Length, queue);
            own.Handle.DangerousRelease();
            if (status != CudaStatus.Success) throw CopyError(status, "cuMemcpyDtoHAsync_v2", sourceByteOffset, target.Length, own);
            Wait();
        }
    }

    /// <inheritdoc/>
    public override void Copy(DeviceMemory source, long sourceByteOffset, DeviceMemory target, long targetByteOffset, long byteCount)
    {
        CudaMemory from = Check(source, sourceByteOffset, byteCount, nameof(source), "cuMemcpyDtoDAsync_v2");
        CudaMemory to = Check(target, targetByteOffset, byteCount, nameof(target), "cuMemcpyDtoDAsync_v2");
        if (ReferenceEquals(from, to)) BufferBounds.CheckDisjoint(sourceByteOffset, targetByteOffset, byteCount, nameof(target));
        if (byteCount == 0) return;
        nint fromAddress = Pin(from);
        nint toAddress = Pin(to);
        int status = CudaNative.cuMemcpyDtoDAsync_v2(toAddress + (nint)targetByteOffset, fromAddress + (nint)sourceByteOffset, (nuint)byteCount, queue);
        to.Handle.DangerousRelease();
        from.Handle.DangerousRelease();
        if (status != CudaStatus.Success) throw CopyError(status, "cuMemcpyDtoDAsync_v2", targetByteOffset, byteCount, to);
    }

    /// <inheritdoc/>
    public override void Fill(DeviceMemory target, long byteOffset, long byteCount, byte value)
    {
        CudaMemory own = Check(target, byteOffset, byteCount, nameof(target), "cuMemsetD8Async");
        if (byteCount == 0) return;
        nint address = Pin(own);
        int status = CudaNative.cuMemsetD8Async(address + (nint)byteOffset, value, (nuint)byteCount, queue);
        own.Handle.DangerousRelease();
        if (status != CudaStatus.Success) throw CopyError(status, "cuMemsetD8Async", byteOffset, byteCount, own);
    }

    /// <inheritdoc/>
    public override void Launch(DeviceKernel kernel, in LaunchShape shape, DeviceEvent? timing = null)
    {
        ThrowIfDisposed();
        CudaKernel own = CudaKernel.Own(kernel, device, nameof(kernel));
        CudaEvent? clock = timing is null ? null : CudaEvent.Own(timing, device, nameof(timing));
        own.CheckShape(in shape);
        context.Enter("cuLaunchKernel");
        own.AllowShared(shape.LocalBytes);
        (EventHandle? start, EventHandle? end) = clock is null ? (null, null) : clock.Prepare();
        int status;
        try
        {
            void** parameters = own.PinArguments();
            if (start is not null) context.Check(CudaNative.cuEventRecord(start, queue), "cuEventRecord");
            status = CudaNative.cuLaunchKernel(
                own.Function, (uint)shape.GroupsX, (uint)shape.GroupsY, (uint)shape.GroupsZ, (uint)shape.ItemsX, (uint)shape.ItemsY, (uint)shape.ItemsZ,
                (uint)shape.LocalBytes, queue, parameters, null);
        }
        finally
        {
            own.UnpinArguments();
        }

        if (status != CudaStatus.Success) throw own.LaunchError(status, in shape);
        if (end is null) return;
        context.Check(CudaNative.cuEventRecord(end, queue), "cuEventRecord");
        clock!.Set(point: false);
    }

    /// <inheritdoc/>
    public override void Record(DeviceEvent target)
    {
        ThrowIfDisposed();
        CudaEvent own = CudaEvent.Own(target, device, nameof(target));
        context.Enter("cuEventRecord");
        context.Check(CudaNative.cuEventRecord(own.Prepare().End, queue), "cuEventRecord");
        own.Set(point: true);
    }

    /// <inheritdoc/>
    public override void Wait(DeviceEvent source)
    {
        ThrowIfDisposed();
        if (CudaEvent.Own(source, device, nameof(source)).Last("cuStreamWaitEvent") is { } last)
            context.Check(CudaNative.cuStreamWaitEvent(queue, last, 0), "cuStreamWaitEvent");
    }

    /// <inheritdoc/>
    /// <remarks>Work is submitted as it is queued, except on Windows, where asking for the stream's state submits it.</remarks>
    public override void Flush()
    {
        ThrowIfDisposed();
        context.Enter("cuStreamQuery");
        int status = CudaNative.cuStreamQuery(queue);
        if (status != CudaStatus.NotReady) context.Check(status, "cuStreamQuery");
    }

    /// <inheritdoc/>
    public override void Synchronize()
    {
        ThrowIfDisposed();
        context.Enter("cuStreamSynchronize");
        Wait();
        inFlight.ReleaseAll();
        context.Orphans.ReleaseAll();
    }

    /// <inheritdoc/>
    protected override void CopyToDeviceAsync(SafeHandle owner, void* source, DeviceMemory target, long targetByteOffset, long byteCount)
    {
        CudaMemory own = Check(target, targetByteOffset, byteCount, nameof(target), "cuMemcpyHtoDAsync_v2");
        if (byteCount == 0) return;
        EventHandle done = BeginTracked(owner);
        nint address = Pin(own);
        int status = CudaNative.cuMemcpyHtoDAsync_v2(address + (nint)targetByteOffset, source, (nuint)byteCount, queue);
        own.Handle.DangerousRelease();
        EndTracked(status, "cuMemcpyHtoDAsync_v2", owner, done, targetByteOffset, byteCount, own);
    }

    /// <inheritdoc/>
    protected override void CopyToHostAsync(DeviceMemory source, long sourceByteOffset, SafeHandle owner, void* target, long byteCount)
    {
        CudaMemory own = Check(source, sourceByteOffset, byteCount, nameof(source), "cuMemcpyDtoHAsync_v2");
        if (byteCount == 0) return;
        EventHandle done = BeginTracked(owner);
        nint address = Pin(own);
        int status = CudaNative.cuMemcpyDtoHAsync_v2(target, address + (nint)sourceByteOffset, (nuint)byteCount, queue);
        own.Handle.DangerousRelease();
        EndTracked(status, "cuMemcpyDtoHAsync_v2", owner, done, sourceByteOffset, byteCount, own);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (IsDisposed) return;
        // A failure of queued work is reported by Synchronize; Dispose only has to be sure that nothing runs any more. In a lost context
        // nothing does.
        int status = context.LostCode;
        if (status == CudaStatus.Success && (status = context.MakeCurrent()) == CudaStatus.Success) status = CudaNative.cuStreamSynchronize(queue);
        if (status == CudaStatus.Success || CudaStatus.IsSticky(status)) inFlight.ReleaseAll();
        if (status != CudaStatus.Success) _ = context.Error(status, "cuStreamSynchronize");
        queue.Dispose();
    }

    /// <summary>Keeps memory from being freed while the driver queues a command; undo with DangerousRelease.</summary>
    private static nint Pin(CudaMemory memory)
    {
        bool pinned = false;
        memory.Handle.DangerousAddRef(ref pinned);
        return memory.Handle.DangerousGetHandle();
    }

    private void Wait()
    {
        int status = CudaNative.cuStreamSynchronize(queue);
        if (status != CudaStatus.Success) throw context.Error(status, "cuStreamSynchronize", "after this or earlier work of the stream");
    }

    /// <summary>Pins the host memory of an asynchronous copy and takes the event that will tell its end.</summary>
    private EventHandle BeginTracked(SafeHandle owner)
    {
        EventHandle done = device.Events.Take();
        try
        {
            bool pinned = false;
            owner.DangerousAddRef(ref pinned);
            return done;
        }
        catch
        {
            device.Events.LetGo(done);
            throw;
        }
    }

    private void EndTracked(int status, string call, SafeHandle owner, EventHandle done, long offset, long count, CudaMemory memory)
    {
        if (status == CudaStatus.Success)
        {
            int recorded = CudaNative.cuEventRecord(done, queue);
            if (recorded == CudaStatus.Success)
            {
                inFlight.Add(owner, done);
                return;
            }

            // The copy is queued and nothing tells its end: wait for it here. If even that fails the memory stays pinned for good.
            int waited = CudaNative.cuStreamSynchronize(queue);
            device.Events.LetGo(done);
            if (waited == CudaStatus.Success || CudaStatus.IsSticky(waited)) owner.DangerousRelease();
            throw context.Error(recorded, "cuEventRecord", "behind an asynchronous copy");
        }

        device.Events.LetGo(done);
        owner.DangerousRelease();
        throw CopyError(status, call, offset, count, memory);
    }

    /// <summary>Checks a range and makes the context current.</summary>
    private CudaMemory Check(DeviceMemory memory, long offset, long count, string name, string call)
    {
        ThrowIfDisposed();
        CudaMemory own = CudaMemory.Own(memory, device, name);
        BufferBounds.CheckRange(offset, count, own.ByteLength, name);
        context.Enter(call);
        return own;
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(queue.IsDisposed, this);

    private DeviceException CopyError(int status, string call, long offset, long count, CudaMemory memory) =>
        context.Error(status, call, $"{count:N0} bytes at byte {offset:N0} of a buffer of {memory.ByteLength:N0}");
}
