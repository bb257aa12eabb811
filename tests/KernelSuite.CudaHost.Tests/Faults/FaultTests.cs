using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Faults;

/// <summary>What fault tests share: cudahost alone can run kernels that do wrong.</summary>
public abstract class FaultTests
{
    private protected static KernelRun Run(string file, string kernel) => new(TestDevices.Shared(TestDevices.CudaHost), $"cudahost/{file}", kernel);

    /// <summary>Launches and expects a fault of one kind, whose message and fields name the kernel and the source file.</summary>
    private protected static KernelFaultException Fault(KernelRun run, KernelFaultKind kind, LaunchShape shape, string kernel, string file)
    {
        var fault = Assert.Throws<KernelFaultException>(() => run.Launch(shape));
        Assert.Equal(kind, fault.Kind);
        Assert.Equal(kernel, fault.Kernel);
        Assert.Contains($"Kernel '{kernel}'", fault.Message, StringComparison.Ordinal);
        if (kind != KernelFaultKind.SharedLimit) Assert.Contains(file, fault.Location, StringComparison.Ordinal);
        return fault;
    }

    private protected static void Says(KernelFaultException fault, string part) => Assert.Contains(part, fault.Message, StringComparison.Ordinal);
}
