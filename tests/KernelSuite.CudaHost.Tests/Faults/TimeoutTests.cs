using KernelSuite.Runtime;
using KernelSuite.Runtime.CudaHost;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Faults;

/// <summary>Launches that never end, stopped by the time limit; each says where the threads are.</summary>
public sealed class TimeoutTests : FaultTests
{
    private const string File = "spinning.cu";

    [SkippableTheory]
    [InlineData("endless_loads", @"Threads 32-63 wait in __syncthreads at spinning\.cu:\d+\. Threads 0-31 are running, last seen at spinning\.cu:\d+\.")]
    [InlineData("endless_atomics", @"Threads 32-63 wait in __syncthreads at spinning\.cu:\d+\. Threads 0-31 are running, last seen at spinning\.cu:\d+\.")]
    [InlineData("endless_barriers", @"stopped: the launch has taken more than 1 second")]
    [InlineData("endless_votes", @"stopped: the launch has taken more than 1 second")]
    public void A_launch_that_never_ends_is_stopped(string kernel, string says)
    {
        // Where threads have to have come to a barrier by then, time enough for that on a busy machine; the others say how long it was.
        using Device device = Limited(kernel is "endless_loads" or "endless_atomics" ? 4 : 1);
        using var run = new KernelRun(device, $"cudahost/{File}", kernel);
        run.Buffer(new int[1]);
        run.Buffer(new int[64]);
        var shape = new LaunchShape(1, ItemsX: kernel == "endless_votes" ? 32 : 64);
        Assert.Matches(says, Fault(run, KernelFaultKind.Timeout, shape, kernel, File).Message);
    }

    [SkippableFact]
    public void The_device_stays_usable_and_a_launch_that_ends_in_time_is_not_stopped()
    {
        // Seconds enough for the launch that ends, wherever it has to wait for a processor.
        using Device device = Limited(4);
        using (var endless = new KernelRun(device, $"cudahost/{File}", "endless_loads"))
        {
            endless.Buffer(new int[1]);
            endless.Buffer(new int[64]);
            Fault(endless, KernelFaultKind.Timeout, new LaunchShape(3, ItemsX: 64), "endless_loads", File);
        }

        using var run = new KernelRun(device, $"cudahost/{File}", "endless_loads");
        run.Buffer(new int[] { 1 });
        int y = run.Buffer(new int[64]);
        run.Launch(new LaunchShape(3, ItemsX: 64));
        Assert.All(run.Read<int>(y), value => Assert.Equal(1, value));
    }

    private static Device Limited(int seconds = 1)
    {
        Device plain = TestDevices.Shared(TestDevices.CudaHost);
        return new CudaHostBackend(CudaHostOptions.FromEnvironment() with { TimeoutSeconds = seconds }).Open(plain.Info);
    }
}
