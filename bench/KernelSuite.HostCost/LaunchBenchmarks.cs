using BenchmarkDotNet.Attributes;
using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.HostCost;

/// <summary>A launch of the smallest attention problem, so that what is left is the way to the kernel and back.</summary>
public class LaunchBenchmarks
{
    private Device device = null!;
    private DeviceStream stream = null!;
    private DeviceEvent timing = null!;
    private AttentionPlan plan = null!;
    private DeviceBuffer<float> q = null!, k = null!, v = null!, output = null!, lse = null!;

    /// <summary>Device ids.</summary>
    public static IEnumerable<string> Ids => Devices.Ids;

    /// <summary>The device.</summary>
    [ParamsSource(nameof(Ids))]
    public string DeviceName { get; set; } = "cpu";

    /// <summary>Plans and allocates, which launching does not.</summary>
    [GlobalSetup]
    public void Setup()
    {
        device = Device.Open(DeviceName);
        stream = device.CreateStream();
        timing = device.CreateEvent();
        plan = AttentionPlan.Create(device, new AttentionProblem(new AttentionShape(1, 1, 1, 1, 1, 16, 16), DType.Float32));
        q = device.Allocate<float>(16);
        k = device.Allocate<float>(16);
        v = device.Allocate<float>(16);
        output = device.Allocate<float>(16);
        lse = device.Allocate<float>(1);
        foreach (DeviceBuffer<float> input in new[] { q, k, v }) stream.Write<float>(new float[16], input);
    }

    /// <summary>Releases everything.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (IDisposable owned in new IDisposable[] { plan, timing, stream, q, k, v, output, lse, device }) owned.Dispose();
    }

    /// <summary>Launch and wait: the round trip.</summary>
    [Benchmark(Baseline = true)]
    public void LaunchAndWait()
    {
        plan.Launch(stream, q, k, v, output, lse);
        stream.Synchronize();
    }

    /// <summary>The same with an event that takes the device's timestamps.</summary>
    [Benchmark]
    public void LaunchTimedAndWait()
    {
        plan.Launch(stream, q, k, v, output, lse, timing: timing);
        stream.Synchronize();
    }

    /// <summary>A hundred launches and one wait; shown is the cost of one.</summary>
    [Benchmark(OperationsPerInvoke = 100)]
    public void LaunchQueued()
    {
        for (int i = 0; i < 100; i++) plan.Launch(stream, q, k, v, output, lse);
        stream.Synchronize();
    }
}
