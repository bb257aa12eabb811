using KernelSuite.Runtime;
using KernelSuite.Runtime.Cuda;

namespace KernelSuite.Cuda.Tests;

/// <summary>
/// A test that starts from a fresh script and ends with the same living objects as it began with, and without a violation. It uses the second
/// device, so that a context that it ruins is nobody else's.
/// </summary>
public abstract class FakeDriverTest : IDisposable
{
    protected const string Id = "cuda:1";

    private readonly Dictionary<string, long>? before;
    private readonly int handles;

    protected FakeDriverTest()
    {
        if (!File.Exists(FakeLibrary.Path)) return;
        Settle();
        FakeCuda.Reset();
        before = FakeCuda.Report().Live;
        handles = CudaHandle.Live;
    }

    /// <summary>Looks at what the test has left behind.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (before is null) return;
        Settle();
        FakeReport report = FakeCuda.Report();
        FakeCuda.Reset();
        Assert.Empty(report.Violations);
        foreach ((string kind, long count) in report.Live) Assert.True(before.GetValueOrDefault(kind) == count, $"{kind}: {before.GetValueOrDefault(kind)} before, {count} behind the test");
        Assert.Equal(handles, CudaHandle.Live);
    }

    internal static CudaDevice Open(string id = Id)
    {
        FakeLibrary.Require();
        return (CudaDevice)Device.Open(id);
    }

    internal static CudaKernel Kernel(Device device, string name)
    {
        using DeviceProgram program = device.BuildProgram(FakePrograms.Source);
        return (CudaKernel)program.CreateKernel(name);
    }

    /// <summary>Lets finalisers of earlier objects run, and frees what they left.</summary>
    internal static void Settle()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
