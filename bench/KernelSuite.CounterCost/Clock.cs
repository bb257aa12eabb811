using System.Diagnostics;

namespace KernelSuite.CounterCost;

/// <summary>Shortest times: on a shared machine what disturbs only adds.</summary>
internal static class Clock
{
    public static (double Seconds, T Result) Best<T>(int rounds, Func<T> work)
    {
        double best = double.PositiveInfinity;
        T result = default!;
        for (int i = 0; i < rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            result = work();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return (best, result);
    }
}
