using BenchmarkDotNet.Attributes;
using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.HostCost;

/// <summary>What comes before the first launch: making a problem ready. On OpenCL the program comes from the on-disk cache.</summary>
public class PlanBenchmarks
{
    private static readonly AttentionProblem Problem = new(new AttentionShape(1, 8, 8, 512, 512, 128, 128), DType.Float32);
    private Device device = null!;

    /// <summary>Device ids.</summary>
    public static IEnumerable<string> Ids => Devices.Ids;

    /// <summary>The device.</summary>
    [ParamsSource(nameof(Ids))]
    public string DeviceName { get; set; } = "cpu";

    /// <summary>Opens the device and fills the program cache.</summary>
    [GlobalSetup]
    public void Setup()
    {
        device = Device.Open(DeviceName);
        AttentionPlan.Create(device, Problem).Dispose();
    }

    /// <summary>Closes the device.</summary>
    [GlobalCleanup]
    public void Cleanup() => device.Dispose();

    /// <summary>A plan made and thrown away.</summary>
    [Benchmark]
    public void CreatePlan() => AttentionPlan.Create(device, Problem).Dispose();
}
