using System.Runtime.InteropServices;

namespace KernelSuite.Runtime.Cuda;

/// <summary>
/// Host memory that queued copies still use. Each copy pins its owner, so disposing a <see cref="HostBuffer{T}"/> early frees it only
/// when the copy is done; pins are given back as later calls find copies finished, and all of them when the stream is synchronised
/// or disposed. A stream that is neither leaks the memory instead of freeing it under the GPU.
/// </summary>
internal sealed class InFlightCopies(EventPool events)
{
    private readonly Queue<(SafeHandle Owner, EventHandle Done)> copies = new();

    /// <summary>Remembers a queued copy whose owner the caller has pinned with DangerousAddRef; <paramref name="done"/> is recorded behind it.</summary>
    public void Add(SafeHandle owner, EventHandle done)
    {
        while (copies.TryPeek(out (SafeHandle Owner, EventHandle Done) oldest) && CudaNative.cuEventQuery(oldest.Done) == CudaStatus.Success)
            Release(copies.Dequeue());
        copies.Enqueue((owner, done));
    }

    /// <summary>Gives back every pin; the stream has finished all of its work, or the context is lost and the work with it.</summary>
    public void ReleaseAll()
    {
        while (copies.TryDequeue(out (SafeHandle Owner, EventHandle Done) copy)) Release(copy);
    }

    private void Release((SafeHandle Owner, EventHandle Done) copy)
    {
        events.LetGo(copy.Done);
        copy.Owner.DangerousRelease();
    }
}
