using KernelSuite.Runtime;

namespace KernelSuite.CudaHost.Tests.Faults;

/// <summary>Threads that need more stack than they have: a fault, however much more it is.</summary>
public sealed class StackFaultTests : FaultTests
{
    private const string File = "fault_stack.cu";

    [SkippableFact]
    public void Recursion_without_an_end_names_the_thread()
    {
        using KernelRun run = Run(File, "recursion");
        run.Buffer(Enumerable.Repeat(1, 16).ToArray());
        run.Buffer(new int[64]);
        run.Value(1_000_000);
        KernelFaultException fault = Fault(run, KernelFaultKind.StackOverflow, new LaunchShape(2, ItemsX: 32), "recursion", File);
        Assert.Equal((3, 0, 0), fault.Thread);
        Says(fault, "needs more than the 65536 bytes of its stack; set KSUITE_CUDAHOST_STACK to more");
    }

    // A frame of 400 KB begins beyond the guard pages: it has to be found before anything in it is touched.
    [SkippableFact]
    public void An_array_larger_than_the_stack_is_found_before_it_is_touched()
    {
        using KernelRun run = Run(File, "large_array");
        run.Buffer(new int[16]);
        run.Buffer(new int[32]);
        run.Value(1);
        run.Value(4);
        Assert.Equal((0, 0, 0), Fault(run, KernelFaultKind.StackOverflow, new LaunchShape(1, ItemsX: 32), "large_array", File).Thread);
    }

    [SkippableTheory]
    [InlineData("recursion", 100)]
    [InlineData("large_array", 0)]
    public void The_same_kernels_pass_on_less(string kernel, int argument)
    {
        using KernelRun run = Run(File, kernel);
        run.Buffer(Enumerable.Repeat(1, 16).ToArray());
        int y = run.Buffer(new int[32]);
        run.Value(argument);
        if (kernel == "large_array") run.Value(4);
        run.Launch(new LaunchShape(1, ItemsX: 32));
        int[] actual = run.Read<int>(y);
        Assert.Equal(kernel == "recursion" ? 32 : 1, actual[0]);
        Assert.Equal(kernel == "recursion" ? 16 * 101 : 1, actual[3]);
    }
}
