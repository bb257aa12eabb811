namespace KernelSuite.Tests;

/// <summary>What calls allocate on the thread that makes them.</summary>
internal static class Allocations
{
    private const int Rounds = 5;

    /// <summary>
    /// The least bytes that <paramref name="count"/> calls allocated, of several rounds. The runtime itself allocates now and then (tiering), and a
    /// collection can book the rest of the thread's current chunk, up to 8 KiB; a call that allocates does so in every round.
    /// </summary>
    public static long Least(int count, Action call)
    {
        long least = long.MaxValue;
        for (int round = 0; round < Rounds && least > 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < count; i++) call();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
