using System.Runtime.InteropServices;

namespace KernelSuite.Runtime.Cuda;

/// <summary>
/// A driver object of a context. A child pins its parent, so disposal in any order is safe. What the driver may have to wait for is put
/// aside when a finaliser releases it (see <see cref="Orphans"/>), so that the finaliser thread never waits.
/// </summary>
internal abstract class CudaHandle : SafeHandle
{
    private static int live;

    // Set once on a thread that finalises; only finalisers call Dispose(false). A parent released by its last child is covered too.
    [ThreadStatic]
    private static bool onFinaliser;

    private readonly SafeHandle? parent;
    private volatile bool disposed;

    /// <summary>Takes over <paramref name="raw"/>. If the parent is closed already the finaliser releases it.</summary>
    protected CudaHandle(nint raw, SafeHandle? parent)
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

    /// <summary>False also for a raw value of 0, so that release always runs and unpins the parent.</summary>
    public override bool IsInvalid => false;

    /// <summary>
    /// Whether the owner has let go. Not the same as IsClosed, which turns true only when the last child has let go too.
    /// </summary>
    public bool IsDisposed => disposed;

    /// <summary>Whether the calling thread runs finalisers.</summary>
    public static bool OnFinaliser => onFinaliser;

    /// <summary>Notes that the calling thread runs finalisers; for handles that are not of this class.</summary>
    public static void NoteFinaliser() => onFinaliser = true;

    protected override void Dispose(bool disposing)
    {
        if (!disposing) onFinaliser = true;
        disposed = true;
        base.Dispose(disposing);
    }

    protected sealed override bool ReleaseHandle()
    {
        int status = handle == 0 ? CudaStatus.Success : Release(handle);
        Interlocked.Decrement(ref live);
        parent?.DangerousRelease();
        return status == CudaStatus.Success;
    }

    protected abstract int Release(nint raw);
}
