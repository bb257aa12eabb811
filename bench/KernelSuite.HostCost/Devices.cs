using KernelSuite.Runtime;

namespace KernelSuite.HostCost;

/// <summary>The devices to measure: every one that is present, but for emulators, whose times mean nothing.</summary>
internal static class Devices
{
    public static IEnumerable<string> Ids => Present.Select(d => d.Id.ToString());

    public static IEnumerable<string> OpenClIds => Present.Where(d => d.Language == DeviceLanguage.OpenClC).Select(d => d.Id.ToString());

    private static IEnumerable<DeviceInfo> Present => DeviceCatalog.Default.Enumerate().Where(d => d.Kind != DeviceKind.Emulator);
}
