using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Execution;

/// <summary>Threads that ask again and again let the one run that they wait for, also when it has not begun.</summary>
public sealed class SpinningTests
{
    public static TheoryData<string> Devices => TestDevices.CudaLanguage;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Who_spins_on_loads_makes_way(string id) => Everybody(id, "spin_on_loads");

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Who_spins_on_atomics_makes_way(string id) => Everybody(id, "spin_on_atomics");

    private static void Everybody(string id, string kernel)
    {
        using var run = new KernelRun(TestDevices.Shared(id), "cudahost/spinning.cu", kernel);
        run.Buffer(new int[1]);
        int y = run.Buffer(new int[64]);
        run.Launch(new LaunchShape(1, ItemsX: 64));
        Assert.All(run.Read<int>(y), value => Assert.Equal(7, value));
    }
}
