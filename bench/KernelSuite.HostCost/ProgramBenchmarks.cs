using BenchmarkDotNet.Attributes;
using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.HostCost;

/// <summary>Programs and buffers on OpenCL devices; nothing where there is none.</summary>
public class ProgramBenchmarks
{
    private const int Elements = 1 << 20;
    private ProgramSource source = null!;
    private Device device = null!;
    private DeviceStream stream = null!;
    private DeviceBuffer<float> buffer = null!;
    private float[] values = null!;

    /// <summary>Device ids.</summary>
    public static IEnumerable<string> Ids => Devices.OpenClIds;

    /// <summary>The device.</summary>
    [ParamsSource(nameof(Ids))]
    public string DeviceName { get; set; } = "opencl:0";

    /// <summary>Opens the device and fills the program cache.</summary>
    [GlobalSetup]
    public void Setup()
    {
        device = Device.Open(DeviceName);
        stream = device.CreateStream();
        source = new ProgramSource("measurement/copy.cl", KernelText.Load("measurement/copy.cl"), "-DCONTIGUOUS=1");
        device.BuildProgram(source).Dispose();
        buffer = device.Allocate<float>(Elements);
        values = new float[Elements];
    }

    /// <summary>Releases everything.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (IDisposable owned in new IDisposable[] { buffer, stream, device }) owned.Dispose();
    }

    /// <summary>A small program from the on-disk cache.</summary>
    [Benchmark]
    public void BuildFromCache() => device.BuildProgram(source).Dispose();

    /// <summary>4 KiB allocated and freed.</summary>
    [Benchmark]
    public void AllocateAndFree() => device.Allocate<float>(1024).Dispose();

    /// <summary>4 MiB written, waited for.</summary>
    [Benchmark]
    public void Write4MiB() => stream.Write<float>(values, buffer);
}
