using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Ptx;

/// <summary>Mistakes with the wrappers that a GPU answers with wrong numbers or a hang: cudahost stops at each and says which.</summary>
public sealed class PtxFaultTests
{
    [SkippableTheory]
    [InlineData("mma_without_a_lane", KernelFaultKind.InvalidOperation, "lacks lanes")]
    [InlineData("mma_divided", KernelFaultKind.MismatchedCollective, "mma.m16n8k32.s8")]
    [InlineData("ldmatrix_of_global", KernelFaultKind.InvalidOperation, "not shared")]
    [InlineData("ldmatrix_unwritten", KernelFaultKind.UninitialisedShared, "staged")]
    [InlineData("load_misaligned", KernelFaultKind.Misaligned, "multiple of 16")]
    [InlineData("cp_async_past_end", KernelFaultKind.OutOfBounds, "allocation of 512 bytes")]
    public void A_planted_mistake_is_named(string kernel, KernelFaultKind kind, string words)
    {
        using var run = new KernelRun(TestDevices.Shared(TestDevices.CudaHost), "ptx/faults.cu", kernel);
        run.Buffer(new uint[128]);
        run.Buffer(new uint[32]);
        KernelFaultException fault = Assert.Throws<KernelFaultException>(() => run.Launch(new LaunchShape(1, ItemsX: 32)));
        Assert.Equal(kind, fault.Kind);
        Assert.Equal(kernel, fault.Kernel);
        Assert.Contains("faults.cu", fault.Location, StringComparison.Ordinal);
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
    }
}
