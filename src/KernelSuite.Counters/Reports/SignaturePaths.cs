using KernelSuite.Counters.Models;

namespace KernelSuite.Counters.Reports;

/// <summary>From signatures back to paths that have them.</summary>
internal static class SignaturePaths
{
    /// <summary>For each signature on some counters the decisions of the first path whose counts there are a multiple of it.</summary>
    public static IReadOnlyDictionary<string, string>[] Decisions(
        PathSet paths, CounterSet counters, IEnumerable<IReadOnlyList<long>> signatures, CancellationToken cancellation)
    {
        IReadOnlyList<long>[] sought = [.. signatures];
        var found = new IReadOnlyDictionary<string, string>?[sought.Length];
        int missing = sought.Length;
        if (missing == 0) return [];
        int[] places = counters.PlacesIn(paths.Counters);
        foreach (FlowPath path in paths.Paths)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int i = 0; i < sought.Length; i++)
            {
                if (found[i] is not null || !IsMultiple(path.Counts, places, sought[i])) continue;
                var decisions = new OrderedDictionary<string, string>();
                foreach (FlowDecision decision in path.Decisions) decisions.Add(decision.Property, decision.Value);
                found[i] = decisions;
                missing--;
            }

            if (missing == 0) break;
        }

        return [.. found.Select(decisions => decisions ?? throw new InvalidOperationException("A signature belongs to no path."))];
    }

    private static bool IsMultiple(IReadOnlyList<long> counts, int[] places, IReadOnlyList<long> signature)
    {
        // Both vectors have small entries, so 128 bits hold the products; the first tick fixes the multiple.
        int first = 0;
        while (signature[first] == 0) first++;
        long times = counts[places[first]];
        if (times == 0) return false;
        for (int i = 0; i < places.Length; i++)
        {
            if ((Int128)counts[places[i]] * signature[first] != (Int128)signature[i] * times) return false;
        }

        return true;
    }
}
