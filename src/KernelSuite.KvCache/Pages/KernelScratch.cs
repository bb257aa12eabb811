using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>
/// Workspace that the plans need however small a cache is: staging tiles of each thread on the cpu device, some 50 KB a plan at D = 64. On a GPU the same tiles lie in shared memory. It holds nothing of
/// the sequence and does not grow with it, so it is not charged to the budget, which in a short cache it would use up; whatever a plan needs beyond it is.
/// </summary>
internal static class KernelScratch
{
    private static readonly ConditionalWeakTable<Device, ConcurrentDictionary<(KvCacheShape, KvFormat?, DecodeScore, int, int), long>> Known = [];

    /// <summary>Bytes of workspace for the smallest cache of a policy.</summary>
    public static long Bytes(Device device, KvCacheShape shape, KvRules rules) =>
        Known.GetOrCreateValue(device).GetOrAdd((shape, rules.Format, rules.Decode, rules.Sinks, rules.Window), _ =>
        {
            using var plans = new StorePlans(device, CacheLayout.Least(shape, rules));
            return plans.WorkspaceBytes;
        });
}
