using System.Collections.Concurrent;

namespace KernelSuite.Runtime.OpenCl;

/// <summary>
/// Lets queued work finish when the process ends with streams still open. Drivers tear themselves down at exit; one whose worker threads
/// are inside a kernel at that moment takes the process down with a segmentation fault (seen with pocl in one exit of eight).
/// </summary>
internal static class ExitDrain
{
    /// <summary>An endless kernel must not make an endless process.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Weak, so that a forgotten stream can still be finalised.</summary>
    private static readonly ConcurrentDictionary<nint, WeakReference<QueueHandle>> Open = new();

    static ExitDrain() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Drain();

    public static void Add(nint raw, QueueHandle queue) => Open[raw] = new WeakReference<QueueHandle>(queue);

    public static void Remove(nint raw) => Open.TryRemove(raw, out _);

    private static void Drain()
    {
        if (Open.IsEmpty) return;
        var drain = new Thread(FinishAll) { IsBackground = true, Name = "ksuite opencl exit" };
        drain.Start();
        drain.Join(Patience);
    }

    private static void FinishAll()
    {
        foreach (WeakReference<QueueHandle> reference in Open.Values)
        {
            if (!reference.TryGetTarget(out QueueHandle? queue)) continue;
            try
            {
                _ = ClNative.clFinish(queue);
            }
            catch (ObjectDisposedException)
            {
                // Disposed on another thread meanwhile, which waited for it.
            }
        }
    }
}
