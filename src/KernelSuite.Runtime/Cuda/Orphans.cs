using System.Collections.Concurrent;

namespace KernelSuite.Runtime.Cuda;

/// <summary>What kind of object waits to be released.</summary>
internal enum OrphanKind
{
    Memory,
    HostMemory,
    Module,
}

/// <summary>
/// Objects that a finaliser found and whose release may wait for running work: the driver frees memory, and unloads code, only when nothing
/// uses it any more. The next allocation or synchronisation of the device releases them, and at the latest the release of the context.
/// </summary>
internal sealed class Orphans
{
    private readonly ConcurrentQueue<(OrphanKind Kind, nint Raw)> waiting = new();

    /// <summary>How many wait; for tests.</summary>
    public int Count => waiting.Count;

    public void Add(OrphanKind kind, nint raw) => waiting.Enqueue((kind, raw));

    /// <summary>Releases all that waits. The context is current. Failures are those of a lost context, where there is nothing left to free.</summary>
    public void ReleaseAll()
    {
        while (waiting.TryDequeue(out (OrphanKind Kind, nint Raw) orphan)) _ = ReleaseNow(orphan.Kind, orphan.Raw);
    }

    /// <summary>Releases one object at once; may wait for the device.</summary>
    public static int ReleaseNow(OrphanKind kind, nint raw)
    {
        switch (kind)
        {
            case OrphanKind.Memory:
                // Waits by itself until no queued work can touch memory that came from cuMemAlloc.
                return CudaNative.cuMemFree_v2(raw);
            case OrphanKind.HostMemory:
                return CudaNative.cuMemFreeHost(raw);
            default:
                // The manual does not promise that unloading waits for kernels of the module that still run.
                _ = CudaNative.cuCtxSynchronize();
                return CudaNative.cuModuleUnload(raw);
        }
    }
}
