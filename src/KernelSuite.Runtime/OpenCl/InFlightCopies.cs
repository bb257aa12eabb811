using System.Runtime.InteropServices;

namespace KernelSuite.Runtime.OpenCl;

/// <summary>
/// Host memory that queued copies still use. Each copy pins its owner, so disposing a <see cref="HostBuffer{T}"/> early frees it only
/// when the copy is done; pins are given back as later calls find copies finished, and all of them when the stream is synchronised
/// or disposed. A stream that is neither leaks the memory instead of freeing it under the driver.
/// </summary>
internal sealed class InFlightCopies(string device)
{
    private readonly Queue<(SafeHandle Owner, nint Done)> copies = new();

    /// <summary>Remembers a queued copy whose owner the caller has pinned with DangerousAddRef.</summary>
    public void Add(SafeHandle owner, nint done)
    {
        while (copies.TryPeek(out (SafeHandle Owner, nint Done) oldest) && StateOf(oldest.Done) <= ClConstants.ExecutionComplete)
        {
            // A failed one stays: Synchronize is where failures are reported.
            if (StateOf(oldest.Done) < 0) break;
            Release(copies.Dequeue());
        }

        copies.Enqueue((owner, done));
    }

    /// <summary>Gives back every pin; the stream has finished all of its work.</summary>
    /// <returns>The status of the first copy that failed, or 0.</returns>
    public int ReleaseAll()
    {
        int failure = 0;
        while (copies.TryDequeue(out (SafeHandle Owner, nint Done) copy))
        {
            int state = StateOf(copy.Done);
            if (state < 0 && failure == 0) failure = state;
            Release(copy);
        }

        return failure;
    }

    private static void Release((SafeHandle Owner, nint Done) copy)
    {
        _ = ClNative.clReleaseEvent(copy.Done);
        copy.Owner.DangerousRelease();
    }

    private int StateOf(nint done) => ClInfo.Value<int>(ClSubject.Event, done, ClConstants.EventCommandExecutionStatus, device);
}
