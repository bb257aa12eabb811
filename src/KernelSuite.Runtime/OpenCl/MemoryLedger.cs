namespace KernelSuite.Runtime.OpenCl;

/// <summary>
/// Bytes that are allocated on a device through this runtime. Drivers for CPUs back memory lazily and say yes to everything;
/// without a count of its own the process would be killed on first touch instead of getting an error.
/// </summary>
internal sealed class MemoryLedger
{
    private long taken;

    public long Taken => Interlocked.Read(ref taken);

    /// <summary>Adds <paramref name="bytes"/> unless that would pass <paramref name="limit"/>.</summary>
    public bool TryTake(long bytes, long limit)
    {
        if (Interlocked.Add(ref taken, bytes) <= limit) return true;
        Interlocked.Add(ref taken, -bytes);
        return false;
    }

    public void Return(long bytes) => Interlocked.Add(ref taken, -bytes);
}
