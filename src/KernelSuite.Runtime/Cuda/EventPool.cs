namespace KernelSuite.Runtime.Cuda;

/// <summary>Driver events that nobody uses at the moment, kept for the next user: recording must not create one each time.</summary>
internal sealed unsafe class EventPool(ContextHandle context) : IDisposable
{
    /// <summary>More lie idle only after a burst; those are given back to the driver.</summary>
    private const int MostKept = 32;

    private readonly Lock gate = new();
    private readonly Stack<EventHandle> free = new(MostKept);
    private bool disposed;

    /// <summary>An event with one user. The context is current.</summary>
    public EventHandle Take()
    {
        lock (gate)
        {
            if (free.TryPop(out EventHandle? kept))
            {
                kept.Renew();
                return kept;
            }
        }

        nint raw = 0;
        context.Check(CudaNative.cuEventCreate(&raw, CudaConstants.EventDefault), "cuEventCreate");
        return new EventHandle(raw, context);
    }

    /// <summary>Ends one use of <paramref name="value"/>; the last one puts it back or destroys it.</summary>
    public void LetGo(EventHandle value)
    {
        if (!value.LetGo()) return;
        lock (gate)
        {
            if (!disposed && free.Count < MostKept && context.LostCode == 0)
            {
                free.Push(value);
                return;
            }
        }

        value.Dispose();
    }

    /// <summary>Destroys what lies idle; events given back later are destroyed at once.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            while (free.TryPop(out EventHandle? kept)) kept.Dispose();
        }
    }
}
