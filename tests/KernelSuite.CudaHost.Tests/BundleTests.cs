using System.Globalization;
using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.CudaHost.Tests;

/// <summary>The test kernels as nvcc and ptxas compiled them, where a toolkit was present.</summary>
public sealed class BundleTests
{
    [SkippableTheory]
    [InlineData("ptx")]
    [InlineData("gemm")]
    public void No_kernel_spills_on_any_architecture(string family)
    {
        string file = TestPrograms.BundleFile(family);
        KernelResources[] kernels = [.. CudaBundle.Open(file).Programs.SelectMany(program => program.Kernels)];
        Assert.NotEmpty(kernels);
        Assert.All(kernels, kernel => Assert.Equal((kernel.Title, kernel.Target, 0, 0), (kernel.Title, kernel.Target, kernel.SpillBytes, kernel.StackBytes)));
    }

    [SkippableFact]
    public void What_needs_a_newer_toolkit_is_left_out_and_not_made_into_something_else()
    {
        string file = TestPrograms.BundleFile("ptx");
        CudaBundle bundle = CudaBundle.Open(file);
        var compiler = Version.Parse(bundle.Compiler[(bundle.Compiler.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        ProgramImages? images = bundle.Find("ptx/mma_e4m3.cu", string.Empty);
        if (compiler < new Version(12, 4))
        {
            Assert.Null(images);
        }
        else if (images is not null)
        {
            Assert.All(images.Targets, target => Assert.True(int.Parse(target.Split('_')[1].TrimEnd('a'), CultureInfo.InvariantCulture) >= 89, target));
        }

        Assert.NotNull(bundle.Find("ptx/mma.cu", string.Empty));
    }
}
