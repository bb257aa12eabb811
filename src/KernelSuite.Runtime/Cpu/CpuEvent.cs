using System.Diagnostics;

namespace KernelSuite.Runtime.Cpu;

/// <summary>An event of an eager stream: two readings of the monotonic clock.</summary>
public sealed class CpuEvent : DeviceEvent
{
    private long start;
    private long end = -1;

    /// <inheritdoc/>
    public override bool IsComplete => true;

    /// <inheritdoc/>
    public override long StartNanoseconds => end < 0 ? throw NotRecorded() : start;

    /// <inheritdoc/>
    public override long EndNanoseconds => end < 0 ? throw NotRecorded() : end;

    /// <inheritdoc/>
    public override void Synchronize()
    {
    }

    internal static long Now() => (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    internal void Set(long startNanoseconds, long endNanoseconds)
    {
        start = startNanoseconds;
        end = endNanoseconds;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }

    private static InvalidOperationException NotRecorded() =>
        new("The event was never recorded. Pass it to Record or Launch first.");
}
