using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Execution;

/// <summary>Launches from several threads of the host.</summary>
public sealed class ConcurrentLaunchTests
{
    public static TheoryData<string> Devices => TestDevices.CudaLanguage;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Threads_launch_side_by_side_and_each_gets_its_own_results(string id)
    {
        const int Launches = 25;
        Device device = TestDevices.Shared(id);
        Parallel.For(0, 4, thread =>
        {
            for (int i = 0; i < Launches; i++)
            {
                using var run = new KernelRun(device, "cudahost/atomics.cu", "in_shared");
                int y = run.Buffer(new int[5 + thread]);
                run.Launch(new LaunchShape(5 + thread, ItemsX: 64));
                Assert.All(run.Read<int>(y), total => Assert.Equal(63 * 32, total));
            }
        });
    }

    // One thread's kernels do wrong: its faults are its own.
    [SkippableFact]
    public void A_fault_reaches_the_thread_that_launched_it()
    {
        Device device = TestDevices.Shared(TestDevices.CudaHost);
        Parallel.For(0, 4, thread =>
        {
            for (int i = 0; i < 5; i++)
            {
                using var run = new KernelRun(device, "cudahost/fault_waiting.cu", "trap");
                int y = run.Buffer(new int[64]);
                run.Value(thread % 2 == 0 ? thread : 64);
                if (thread % 2 == 0)
                {
                    Assert.Equal((thread, 0, 0), Assert.Throws<KernelFaultException>(() => run.Launch(new LaunchShape(1, ItemsX: 64))).Thread);
                }
                else
                {
                    run.Launch(new LaunchShape(1, ItemsX: 64));
                    Assert.All(run.Read<int>(y), value => Assert.Equal(1, value));
                }
            }
        });
    }
}
