using KernelSuite.Runtime;

namespace KernelSuite.Tests;

/// <summary>Says once in each suite whether its tests ran on a CUDA device, instead of one skip for every case.</summary>
public sealed class CudaPresence
{
    [SkippableFact]
    public void Tests_ran_on_a_cuda_device()
    {
        Skip.If(TestDevices.CudaIds.Count == 0, "No CUDA device is present: the tests of every device ran without one; cudahost executed the CUDA programs.");
        Assert.All(TestDevices.CudaIds, id => Assert.Equal(DeviceLanguage.Cuda, TestDevices.Shared(id).Info.Language));
    }
}
