using KernelSuite.Runtime;
using KernelSuite.Runtime.CudaHost;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Faults;

/// <summary>Races in shared memory: found where they are looked for, and nowhere else.</summary>
public sealed class RaceTests : FaultTests
{
    private static readonly LaunchShape Shape = new(2, ItemsX: 64);

    public static TheoryData<string> Races => ["race_write_read", "race_read_write", "race_write_write", "race_within_warp", "race_atomic_read", "race_named"];

    public static TheoryData<string> Ordered => ["ordered_by_barrier", "ordered_by_warp", "ordered_by_atomics", "ordered_by_named", "ordered_by_bytes"];

    [SkippableTheory]
    [MemberData(nameof(Races))]
    public void A_race_names_both_threads_and_both_places(string kernel)
    {
        using Device device = Checking();
        using var run = new KernelRun(device, "cudahost/fault_race.cu", kernel);
        run.Buffer(new int[128]);
        LaunchShape shape = kernel == "race_within_warp" ? Shape with { ItemsX = 32 } : Shape;
        KernelFaultException fault = Fault(run, KernelFaultKind.Race, shape, kernel, "fault_race.cu");
        Assert.NotNull(fault.OtherThread);
        Assert.NotEqual(fault.Thread, fault.OtherThread);
        Assert.Matches(@"thread \(\d+, 0, 0\) (wrote|read) at fault_race\.cu:\d+ with nothing in between that orders the two", fault.Message);
    }

    [SkippableTheory]
    [MemberData(nameof(Races))]
    public void Races_are_not_looked_for_unless_asked(string kernel)
    {
        using KernelRun run = Run("fault_race.cu", kernel);
        run.Buffer(new int[128]);
        run.Launch(kernel == "race_within_warp" ? Shape with { ItemsX = 32 } : Shape);
    }

    [SkippableTheory]
    [MemberData(nameof(Ordered))]
    public void What_is_ordered_is_no_race(string kernel)
    {
        using Device device = Checking();
        using var run = new KernelRun(device, "cudahost/ordered.cu", kernel);
        run.Buffer(new int[128]);
        run.Launch(Shape with { GroupsX = 1 });
    }

    private static Device Checking()
    {
        Device plain = TestDevices.Shared(TestDevices.CudaHost);
        return new CudaHostBackend(CudaHostOptions.FromEnvironment() with { CheckRaces = true }).Open(plain.Info);
    }
}
