using System.Runtime.InteropServices;

namespace KernelSuite.Runtime.Interop;

/// <summary>An object of a driver. A child pins its parent, so disposal in any order is safe.</summary>
internal abstract class DriverHandle : SafeHandle
{
    private static int live;
    private readonly SafeHandle? parent;
    private volatile bool disposed;

    /// <summary>Takes over <paramref name="raw"/>. If the parent is closed already the finaliser releases it.</summary>
    protected DriverHandle(nint raw, SafeHandle? parent)
        : base(0, ownsHandle: true)
    {
        SetHandle(raw);
        Interlocked.Increment(ref live);
        if (parent is null) return;
        bool pinned = false;
        parent.DangerousAddRef(ref pinned);
        this.parent = parent;
    }

    /// <summary>Handles of this process that are not released yet; for leak tests.</summary>
    public static int Live => Volatile.Read(ref live);

    /// <summary>False even while there is no object underneath, so that release always runs and unpins the parent.</summary>
    public sealed override bool IsInvalid => false;

    /// <summary>
    /// Whether the owner has let go. Not the same as IsClosed, which turns true only when the last child has let go too.
    /// </summary>
    public bool IsDisposed => disposed;

    protected override void Dispose(bool disposing)
    {
        disposed = true;
        base.Dispose(disposing);
    }

    protected sealed override bool ReleaseHandle()
    {
        // Every driver's status 0 is success.
        int status = handle == 0 ? 0 : Release(handle);
        Interlocked.Decrement(ref live);
        parent?.DangerousRelease();
        return status == 0;
    }

    /// <summary>Releases the object, which is not 0, and gives the driver's status.</summary>
    protected abstract int Release(nint raw);
}
