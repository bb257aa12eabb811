using System.Runtime.InteropServices;
using KernelSuite.Runtime.Interop;

namespace KernelSuite.Runtime.Cuda;

/// <summary>
/// An object of a CUDA context. What the driver may have to wait for is put aside when a finaliser releases it (see
/// <see cref="Orphans"/>), so that the finaliser thread never waits.
/// </summary>
internal abstract class CudaHandle(nint raw, SafeHandle? parent) : DriverHandle(raw, parent)
{
    // Set once on a thread that finalises; only finalisers call Dispose(false). A parent released by its last child is covered too.
    [ThreadStatic]
    private static bool onFinaliser;

    /// <summary>Whether the calling thread runs finalisers.</summary>
    public static bool OnFinaliser => onFinaliser;

    /// <summary>Notes that the calling thread runs finalisers; for handles that are not of this class.</summary>
    public static void NoteFinaliser() => onFinaliser = true;

    protected override void Dispose(bool disposing)
    {
        if (!disposing) onFinaliser = true;
        base.Dispose(disposing);
    }
}
