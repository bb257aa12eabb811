using System.Runtime.InteropServices;
using KernelSuite.Runtime.Interop;

namespace KernelSuite.Runtime.OpenCl;

/// <summary>An object of an OpenCL driver. Releasing frees and never waits, which makes it fit for the finaliser thread.</summary>
internal abstract class ClHandle(nint raw, SafeHandle? parent) : DriverHandle(raw, parent);

internal sealed class ContextHandle(nint raw) : ClHandle(raw, null)
{
    protected override int Release(nint raw) => ClNative.clReleaseContext(raw);
}

internal sealed class QueueHandle : ClHandle
{
    public QueueHandle(nint raw, ContextHandle context)
        : base(raw, context) => ExitDrain.Add(raw, this);

    protected override int Release(nint raw)
    {
        ExitDrain.Remove(raw);
        return ClNative.clReleaseCommandQueue(raw);
    }
}

internal sealed class MemoryHandle : ClHandle
{
    private readonly MemoryLedger ledger;
    private readonly long bytes;

    /// <summary>Takes over <paramref name="raw"/> and the reservation of <paramref name="bytes"/> made in <paramref name="ledger"/>.</summary>
    public MemoryHandle(nint raw, ContextHandle context, MemoryLedger ledger, long bytes)
        : base(raw, context)
    {
        this.ledger = ledger;
        this.bytes = bytes;
        // Without this the collector sees a few dozen bytes and never gets round to a forgotten buffer.
        if (bytes > 0) GC.AddMemoryPressure(bytes);
    }

    protected override int Release(nint raw)
    {
        int status = ClNative.clReleaseMemObject(raw);
        if (ledger is null) return status; // The parent was closed while the constructor ran.
        ledger.Return(bytes);
        if (bytes > 0) GC.RemoveMemoryPressure(bytes);
        return status;
    }
}

internal sealed class ProgramHandle(nint raw, ContextHandle context) : ClHandle(raw, context)
{
    protected override int Release(nint raw) => ClNative.clReleaseProgram(raw);
}

internal sealed class KernelHandle(nint raw, ProgramHandle program) : ClHandle(raw, program)
{
    protected override int Release(nint raw) => ClNative.clReleaseKernel(raw);
}

/// <summary>
/// The driver event inside a reusable <see cref="OpenClEvent"/>; 0 until something is recorded. The driver makes a new event for each
/// command, so the object is swapped inside the handle instead of allocating a handle each time.
/// </summary>
internal sealed class EventHandle(ContextHandle context) : ClHandle(0, context)
{
    private readonly Lock gate = new();

    /// <summary>Replaces the driver event and releases the one before.</summary>
    public void Replace(nint raw)
    {
        nint before;
        bool pinned = false;
        try
        {
            DangerousAddRef(ref pinned);
        }
        catch (ObjectDisposedException)
        {
            _ = ClNative.clReleaseEvent(raw);
            throw;
        }

        lock (gate)
        {
            before = handle;
            SetHandle(raw);
        }

        if (before != 0) _ = ClNative.clReleaseEvent(before);
        DangerousRelease();
    }

    /// <summary>A reference of the caller's own, to be given back with clReleaseEvent; 0 where nothing was recorded.</summary>
    public nint Retain()
    {
        bool pinned = false;
        DangerousAddRef(ref pinned);
        try
        {
            lock (gate)
            {
                if (handle != 0) _ = ClNative.clRetainEvent(handle);
                return handle;
            }
        }
        finally
        {
            DangerousRelease();
        }
    }

    protected override int Release(nint raw) => ClNative.clReleaseEvent(raw);
}
