using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Faults;

/// <summary>Mistakes in shared memory.</summary>
public sealed class SharedFaultTests : FaultTests
{
    private const string File = "fault_shared.cu";

    [SkippableTheory]
    [InlineData(32, "at the end of shared array 'slot' of 128 bytes")]
    [InlineData(40, "32 bytes past the end of shared array 'slot' of 128 bytes")]
    [InlineData(-1, "4 bytes before shared array 'slot' of 128 bytes")]
    public void Past_a_static_array_is_found_although_another_follows(int at, string where)
    {
        using KernelRun run = Run(File, "past_array");
        run.Buffer(new float[32]);
        run.Value(at);
        KernelFaultException fault = Fault(run, KernelFaultKind.OutOfBounds, new LaunchShape(1, ItemsX: 32), "past_array", File);
        Says(fault, where);
        Assert.Equal((5, 0, 0), fault.Thread);
        Assert.Equal("shared array 'slot' of 128 bytes", fault.Target);
    }

    [SkippableFact]
    public void Past_the_dynamic_memory_is_found()
    {
        using KernelRun run = Run(File, "past_dynamic");
        run.Buffer(new float[32]);
        run.Value(33);
        Says(
            Fault(run, KernelFaultKind.OutOfBounds, new LaunchShape(1, ItemsX: 32, LocalBytes: 128), "past_dynamic", File),
            "4 bytes past the end of the 128 bytes of dynamic shared memory");
    }

    [SkippableFact]
    public void A_kernel_launched_without_its_dynamic_memory_is_found()
    {
        using KernelRun run = Run(File, "past_dynamic");
        run.Buffer(new float[32]);
        run.Value(0);
        Says(Fault(run, KernelFaultKind.OutOfBounds, new LaunchShape(1, ItemsX: 32), "past_dynamic", File), "in shared memory, of which the block has none");
    }

    [SkippableFact]
    public void A_misaligned_vector_is_found()
    {
        using KernelRun run = Run(File, "misaligned_shared");
        run.Buffer(new float[32]);
        run.Value(2);
        Says(Fault(run, KernelFaultKind.Misaligned, new LaunchShape(1, ItemsX: 32), "misaligned_shared", File), "at offset 8 of shared array 'slot'");
    }

    [SkippableFact]
    public void An_element_that_nobody_wrote_cannot_be_read()
    {
        using KernelRun run = Run(File, "unwritten");
        run.Buffer(new float[32]);
        run.Value(31);
        KernelFaultException fault = Fault(run, KernelFaultKind.UninitialisedShared, new LaunchShape(2, ItemsX: 32), "unwritten", File);
        Says(fault, "at offset 124 of shared array 'slot' of 128 bytes, before they are written");
        Assert.Equal((0, 0, 0), fault.Thread);
    }

    [SkippableTheory]
    [InlineData("unwritten", 32)]
    [InlineData("early_read", 1)]
    [InlineData("past_array", 5)]
    [InlineData("misaligned_shared", 4)]
    public void The_same_kernels_pass_when_they_do_right(string kernel, int argument)
    {
        using KernelRun run = Run(File, kernel);
        if (kernel == "early_read") run.Buffer(new float[128]);
        run.Buffer(new float[32]);
        run.Value(argument);
        run.Launch(new LaunchShape(4, ItemsX: 32));
    }

    [SkippableFact]
    public void A_copy_that_is_not_waited_for_cannot_be_read()
    {
        using KernelRun run = Run(File, "early_read");
        run.Buffer(new float[128]);
        run.Buffer(new float[32]);
        run.Value(0);
        Says(
            Fault(run, KernelFaultKind.UninitialisedShared, new LaunchShape(1, ItemsX: 32), "early_read", File),
            "to which a cp.async has been issued but not waited for");
    }

    [SkippableFact]
    public void Too_much_shared_memory_names_every_array()
    {
        using KernelRun run = Run(File, "too_much");
        run.Buffer(new float[1]);
        KernelFaultException fault = Fault(run, KernelFaultKind.SharedLimit, new LaunchShape(1, LocalBytes: 190000), "too_much", File);
        Says(fault, "more than the 232448 bytes of shared memory that a block may have: 'first' 16384, 'second' 32000, dynamic 190000");
        run.Launch(new LaunchShape(1, LocalBytes: 180000));
    }

    [SkippableFact]
    public void Another_threads_local_memory_is_out_of_bounds()
    {
        using KernelRun run = Run(File, "foreign_local");
        run.Buffer(new int[64]);
        Says(Fault(run, KernelFaultKind.OutOfBounds, new LaunchShape(1, ItemsX: 64), "foreign_local", File), "in the local memory of another thread");
    }
}
