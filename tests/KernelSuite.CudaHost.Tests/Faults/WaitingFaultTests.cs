using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Faults;

/// <summary>Barriers and warp operations that a GPU would hang in.</summary>
public sealed class WaitingFaultTests : FaultTests
{
    private const string File = "fault_waiting.cu";
    private static readonly LaunchShape Shape = new(1, ItemsX: 64);

    [SkippableFact]
    public void Two_barriers_in_two_branches_are_one_fault_with_both_places()
    {
        using KernelRun run = Run(File, "two_barriers");
        run.Buffer(new int[64]);
        KernelFaultException fault = Fault(run, KernelFaultKind.DivergentBarrier, Shape, "two_barriers", File);
        Assert.Equal((48, 0, 0), fault.Thread);
        Assert.Equal((0, 0, 0), fault.OtherThread);
        Assert.Matches(@"Threads 0-47 wait in __syncthreads at fault_waiting\.cu:\d+\. Threads 48-63 wait in __syncthreads at fault_waiting\.cu:\d+\.", fault.Message);
    }

    [SkippableFact]
    public void A_branch_that_all_threads_take_is_no_divergence()
    {
        using KernelRun run = Run(File, "two_barriers");
        int y = run.Buffer(new int[64]);
        run.Launch(new LaunchShape(1, ItemsX: 48));
        Assert.Equal(Enumerable.Repeat(2, 48), run.Read<int>(y)[..48]);
    }

    [SkippableFact]
    public void A_lane_that_stays_away_is_told_with_those_who_wait()
    {
        using KernelRun run = Run(File, "absent_lane");
        run.Buffer(new int[64]);
        run.Value(40);
        KernelFaultException fault = Fault(run, KernelFaultKind.Deadlock, Shape, "absent_lane", File);
        Assert.Matches(
            @"Threads 0-31, 40 wait in __syncthreads at fault_waiting\.cu:\d+\. Threads 32-39, 41-63 wait in __shfl_xor_sync \(mask 0xffffffff\) at fault_waiting\.cu:\d+\.",
            fault.Message);
    }

    [SkippableFact]
    public void Lanes_in_two_operations_are_a_mismatch()
    {
        using KernelRun run = Run(File, "other_operation");
        run.Buffer(new int[64]);
        run.Value(9);
        KernelFaultException fault = Fault(run, KernelFaultKind.MismatchedCollective, Shape, "other_operation", File);
        Says(fault, "__ballot_sync");
        Says(fault, "__any_sync");
        Assert.NotNull(fault.OtherThread);
    }

    [SkippableFact]
    public void A_lane_outside_its_own_mask_is_a_mismatch()
    {
        using KernelRun run = Run(File, "not_in_mask");
        run.Buffer(new int[64]);
        run.Value(0xfffffeffu);
        KernelFaultException fault = Fault(run, KernelFaultKind.MismatchedCollective, Shape, "not_in_mask", File);
        Assert.Equal((8, 0, 0), fault.Thread);
        Says(fault, "leaves its own lane out");
    }

    [SkippableFact]
    public void A_named_barrier_that_nobody_else_comes_to_is_told_with_its_count()
    {
        using KernelRun run = Run(File, "lonely_named");
        run.Buffer(new int[64]);
        KernelFaultException fault = Fault(run, KernelFaultKind.Deadlock, Shape, "lonely_named", File);
        Says(fault, "Threads 0-31 wait in barrier_sync (barrier 5, 32 of 64 have come)");
        Says(fault, "Threads 32-63 have returned");
    }

    [SkippableFact]
    public void Unequal_counts_at_one_named_barrier_are_a_divergence()
    {
        using KernelRun run = Run(File, "unequal_named");
        run.Buffer(new int[64]);
        KernelFaultException fault = Fault(run, KernelFaultKind.DivergentBarrier, Shape, "unequal_named", File);
        Assert.Equal((32, 0, 0), fault.Thread);
    }

    [SkippableTheory]
    [InlineData(16, 64)]
    [InlineData(1, 33)]
    [InlineData(1, 96)]
    public void Operands_that_the_hardware_does_not_have_are_faults(int id, int threads)
    {
        using KernelRun run = Run(File, "bad_barrier");
        run.Buffer(new int[64]);
        run.Value(id);
        run.Value(threads);
        Fault(run, KernelFaultKind.InvalidOperation, Shape, "bad_barrier", File);
    }

    [SkippableFact]
    public void A_shuffle_width_must_be_a_power_of_two()
    {
        using KernelRun run = Run(File, "bad_width");
        run.Buffer(new int[64]);
        run.Value(12);
        Fault(run, KernelFaultKind.InvalidOperation, Shape, "bad_width", File);
    }

    [SkippableFact]
    public void A_trap_stops_the_launch()
    {
        using KernelRun run = Run(File, "trap");
        run.Buffer(new int[64]);
        run.Value(50);
        Assert.Equal((50, 0, 0), Fault(run, KernelFaultKind.Trap, Shape, "trap", File).Thread);
    }
}
