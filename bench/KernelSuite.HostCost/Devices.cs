using KernelSuite.Runtime;

namespace KernelSuite.HostCost;

/// <summary>The devices to measure: every one that is present.</summary>
internal static class Devices
{
    public static IEnumerable<string> Ids => DeviceCatalog.Default.Enumerate().Select(d => d.Id.ToString());

    public static IEnumerable<string> OpenClIds => Ids.Where(id => id.StartsWith("opencl", StringComparison.Ordinal));
}
