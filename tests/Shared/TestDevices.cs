using System.Collections.Concurrent;
using KernelSuite.Runtime;

namespace KernelSuite.Tests;

/// <summary>
/// The devices that tests run on: every one that is present. Where there is no OpenCL device, or cudahost was not built, a test that needs
/// it is skipped by name, unless <c>KSUITE_REQUIRE_OPENCL=1</c> or <c>KSUITE_REQUIRE_CUDAHOST=1</c> is set, as in CI: then it fails. CUDA
/// devices are rare: where there is none, one test of each suite is skipped for all (<see cref="CudaPresence"/>). Use with SkippableFact
/// or SkippableTheory.
/// </summary>
internal static class TestDevices
{
    public const string CudaHost = "cudahost";

    private static readonly Lazy<IReadOnlyList<DeviceInfo>> Present = new(DeviceCatalog.Default.Enumerate);
    private static readonly ConcurrentDictionary<string, Lazy<Device>> Opened = new();

    /// <summary>Whether a missing OpenCL device is a failure.</summary>
    public static bool OpenClRequired => Environment.GetEnvironmentVariable("KSUITE_REQUIRE_OPENCL") == "1";

    /// <summary>Whether a missing cudahost is a failure.</summary>
    public static bool CudaHostRequired => Environment.GetEnvironmentVariable("KSUITE_REQUIRE_CUDAHOST") == "1";

    /// <summary>Ids of every device; <c>opencl:0</c> and <c>cudahost</c> are there also where they are missing, so that a skip is seen.</summary>
    public static IReadOnlyList<string> Ids => ["cpu", .. OpenClIds, .. CudaLanguageIds];

    /// <summary>Ids of every OpenCL device, or <c>opencl:0</c> where there is none.</summary>
    public static IReadOnlyList<string> OpenClIds
    {
        get
        {
            string[] found = [.. IdsOf("opencl")];
            return found.Length > 0 ? found : ["opencl:0"];
        }
    }

    /// <summary>Ids of CUDA devices; none on most machines.</summary>
    public static IReadOnlyList<string> CudaIds => [.. IdsOf("cuda")];

    /// <summary>Ids of the devices that take CUDA programs: <c>cudahost</c> and every CUDA device.</summary>
    public static IReadOnlyList<string> CudaLanguageIds => [CudaHost, .. CudaIds];

    /// <summary>Theory data: <see cref="Ids"/>.</summary>
    public static TheoryData<string> All => [.. Ids];

    /// <summary>Theory data: <see cref="OpenClIds"/>.</summary>
    public static TheoryData<string> OpenCl => [.. OpenClIds];

    /// <summary>Theory data: <see cref="CudaLanguageIds"/>.</summary>
    public static TheoryData<string> CudaLanguage => [.. CudaLanguageIds];

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

    private static IEnumerable<string> IdsOf(string backend) => Present.Value.Where(info => info.Id.Backend == backend).Select(info => info.Id.ToString());

    private static void Require(string id)
    {
        bool present = Present.Value.Any(info => info.Id.ToString() == id);
        if (present) return;
        string reason = $"{id} is not present on this machine: this test did not run on it.";
        bool optional = (id.StartsWith("opencl", StringComparison.Ordinal) && !OpenClRequired) || (id == CudaHost && !CudaHostRequired);
        if (!optional) Assert.Fail($"{reason} It is demanded (KSUITE_REQUIRE_OPENCL, KSUITE_REQUIRE_CUDAHOST); see 'ksuite doctor'.");
        Skip.If(true, reason);
    }
}
