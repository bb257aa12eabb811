namespace KernelSuite.Runtime.Cuda;

internal sealed class StreamHandle(nint raw, ContextHandle context) : CudaHandle(raw, context)
{
    // Returns at once; work that is still queued runs on and the driver frees the stream after it.
    protected override int Release(nint raw)
    {
        int status = context.MakeCurrent();
        return status == CudaStatus.Success ? CudaNative.cuStreamDestroy_v2(raw) : status;
    }
}

internal sealed class MemoryHandle(nint raw, ContextHandle context, long bytes) : CudaHandle(raw, context)
{
    private readonly long pressure = Press(bytes);

    protected override int Release(nint raw)
    {
        GC.RemoveMemoryPressure(pressure);
        return context.Release(OrphanKind.Memory, raw);
    }

    // Without this the collector sees a few dozen bytes and never gets round to a forgotten buffer.
    private static long Press(long bytes)
    {
        GC.AddMemoryPressure(bytes);
        return bytes;
    }
}

internal sealed class ModuleHandle(nint raw, ContextHandle context) : CudaHandle(raw, context)
{
    protected override int Release(nint raw) => context.Release(OrphanKind.Module, raw);
}

/// <summary>
/// A driver event. It may stand for the end of one <see cref="CudaEvent"/> and the start of another's span at once, so it is counted: who
/// records it anew while somebody else still reads it has to take another one.
/// </summary>
internal sealed class EventHandle(nint raw, ContextHandle context) : CudaHandle(raw, context)
{
    private int users = 1;

    /// <summary>The time of the point that was recorded last, once it was read; meaningless after the next recording.</summary>
    public long Nanoseconds { get; set; }

    /// <summary>Whether <see cref="Nanoseconds"/> holds.</summary>
    public bool HasTime { get; set; }

    public bool IsShared => Volatile.Read(ref users) > 1;

    public void Share() => Interlocked.Increment(ref users);

    /// <summary>One user less; true for the last one, who has to dispose or reuse it.</summary>
    public bool LetGo() => Interlocked.Decrement(ref users) == 0;

    /// <summary>Makes an event that nobody uses ready for its next only user.</summary>
    public void Renew()
    {
        HasTime = false;
        Volatile.Write(ref users, 1);
    }

    protected override int Release(nint raw)
    {
        int status = context.MakeCurrent();
        return status == CudaStatus.Success ? CudaNative.cuEventDestroy_v2(raw) : status;
    }
}
