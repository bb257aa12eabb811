using KernelSuite.Operations;

namespace KernelSuite.CudaHost.Tests;

/// <summary>The test kernels as nvcc and ptxas compiled them, where a toolkit was present.</summary>
public sealed class BundleTests
{
    [SkippableTheory]
    [InlineData("ptx")]
    [InlineData("gemm")]
    public void No_kernel_spills_on_any_architecture(string family)
    {
        string? file = TestPrograms.BundleFile(family);
        Skip.If(file is null, $"The bundle of '{family}' was not built: it needs nvcc and KSUITE_TEST_KERNELS.");
        KernelResources[] kernels = [.. CudaBundle.Open(file).Programs.SelectMany(program => program.Kernels)];
        Assert.NotEmpty(kernels);
        Assert.All(kernels, kernel => Assert.Equal((kernel.Title, kernel.Target, 0, 0), (kernel.Title, kernel.Target, kernel.SpillBytes, kernel.StackBytes)));
    }
}
