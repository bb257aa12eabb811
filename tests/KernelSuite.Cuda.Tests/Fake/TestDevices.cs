using KernelSuite.Cuda.Tests;
using KernelSuite.Runtime;

namespace KernelSuite.Tests;

/// <summary>The device that the shared tests of every device run on here: the first one of the fake driver.</summary>
internal static class TestDevices
{
    private const string Id = "cuda:0";

    private static readonly Lazy<Device> Opened = new(() => Device.Open(Id));

    public static TheoryData<string> All => [Id];

    public static Device Open(string id)
    {
        FakeLibrary.Require();
        return Device.Open(id);
    }

    public static Device Shared(string id)
    {
        FakeLibrary.Require();
        Assert.Equal(Id, id);
        return Opened.Value;
    }
}
