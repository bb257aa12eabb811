using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Ptx;

/// <summary>Mistakes with the wrappers that a GPU answers with wrong numbers or a hang: cudahost stops at each and says which.</summary>
public sealed class PtxFaultTests
{
    [SkippableTheory]
    [InlineData("mma_without_a_lane", KernelFaultKind.InvalidOperation)]
    [InlineData("mma_divided", KernelFaultKind.MismatchedCollective)]
    [InlineData("ldmatrix_of_global", KernelFaultKind.InvalidOperation)]
    [InlineData("ldmatrix_unwritten", KernelFaultKind.UninitialisedShared)]
    [InlineData("load_misaligned", KernelFaultKind.Misaligned)]
    [InlineData("cp_async_past_end", KernelFaultKind.OutOfBounds)]
    public void A_planted_mistake_is_named(string kernel, KernelFaultKind kind)
    {
        using var run = new KernelRun(TestDevices.Shared(TestDevices.CudaHost), "ptx/faults.cu", kernel);
        run.Buffer(new uint[128]);
        run.Buffer(new uint[32]);
        KernelFaultException fault = Assert.Throws<KernelFaultException>(() => run.Launch(new LaunchShape(1, ItemsX: 32)));
        Assert.Equal(kind, fault.Kind);
        Assert.Equal(kernel, fault.Kernel);
        Assert.Contains("faults.cu", fault.Location, StringComparison.Ordinal);
    }
}
