using System.Collections.Concurrent;
using KernelSuite.Runtime;

namespace KernelSuite.Tests;

/// <summary>
/// The devices that tests run on: every one that is present. Where there is no OpenCL device a test that needs one is skipped by name,
/// unless <c>KSUITE_REQUIRE_OPENCL=1</c> is set, as in CI: then it fails. Use with SkippableFact or SkippableTheory.
/// </summary>
internal static class TestDevices
{
    private static readonly Lazy<IReadOnlyList<DeviceInfo>> Present = new(DeviceCatalog.Default.Enumerate);
    private static readonly ConcurrentDictionary<string, Lazy<Device>> Opened = new();

    /// <summary>Whether a missing OpenCL device is a failure.</summary>
    public static bool OpenClRequired => Environment.GetEnvironmentVariable("KSUITE_REQUIRE_OPENCL") == "1";

    /// <summary>Ids of the cpu device and of every OpenCL device; <c>opencl:0</c> stands for the missing ones, so that a skip is seen.</summary>
    public static IReadOnlyList<string> Ids => ["cpu", .. OpenClIds];

    /// <summary>Ids of every OpenCL device, or <c>opencl:0</c> where there is none.</summary>
    public static IReadOnlyList<string> OpenClIds
    {
        get
        {
            string[] found = [.. Present.Value.Where(info => info.Id.Backend == "opencl").Select(info => info.Id.ToString())];
            return found.Length > 0 ? found : ["opencl:0"];
        }
    }

    /// <summary>Theory data: <see cref="Ids"/>.</summary>
    public static TheoryData<string> All => [.. Ids];

    /// <summary>Theory data: <see cref="OpenClIds"/>.</summary>
    public static TheoryData<string> OpenCl => [.. OpenClIds];

    /// <summary>Opens a device of the test's own, to be disposed by it. Skips, or fails, where it is not present.</summary>
    public static Device Open(string id)
    {
        Require(id);
        return Device.Open(id);
    }

    /// <summary>A device shared by all tests of the process; never dispose it. Skips, or fails, where it is not present.</summary>
    public static Device Shared(string id)
    {
        Require(id);
        return Opened.GetOrAdd(id, key => new Lazy<Device>(() => Device.Open(key))).Value;
    }

    private static void Require(string id)
    {
        bool present = Present.Value.Any(info => info.Id.ToString() == id);
        if (present) return;
        string reason = $"{id} is not present on this machine: this test did not run on an OpenCL device.";
        if (OpenClRequired || !id.StartsWith("opencl", StringComparison.Ordinal)) Assert.Fail($"{reason} KSUITE_REQUIRE_OPENCL demands one; see 'ksuite doctor'.");
        Skip.If(true, reason);
    }
}
