using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Tests.Launching;

/// <summary>Who releases what a plan has on a device with programs, and when.</summary>
public sealed class PortableLaunchesTests
{
    private const string First = "kvcache/topk_select.cl", Second = "kvcache/kv_compact.cl";

    /// <summary>What <see cref="Make"/> makes, in order: the two kernels of the first program share it.</summary>
    private static readonly string[] All = ["8 bytes", "event", First, "a", "b", "16 bytes", Second, "c"];

    [Fact]
    public void Everything_is_released_in_the_reverse_order_and_once()
    {
        using var device = new RecordingDevice();
        PortableLaunches launches = Make(device);
        Assert.Equal(All, device.Made);
        Assert.Equal(24, launches.WorkspaceBytes);
        Assert.Empty(device.Released);
        launches.Dispose();
        launches.Dispose();
        Assert.Equal(All.Reverse(), device.Released);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void What_cannot_be_made_releases_what_was(int failing)
    {
        using var device = new RecordingDevice(failing);
        Assert.Throws<DeviceException>(() => Make(device));
        Assert.Equal(All.Take(failing - 1), device.Made);
        Assert.Equal(device.Made.AsEnumerable().Reverse(), device.Released);
    }

    [Fact]
    public void A_constant_that_cannot_be_set_releases_its_kernel_too()
    {
        using var device = new RecordingDevice();
        var launches = new PortableLaunches(device);
        Assert.Throws<ArgumentException>(() => launches.Kernel(First, string.Empty, "a", _ => throw new ArgumentException("not set")));
        Assert.Equal(["a", First, "event"], device.Released);
    }

    private static PortableLaunches Make(Device device)
    {
        var launches = new PortableLaunches(device);
        launches.Allocate(DType.Float32, 2);
        launches.Kernel(First, "-DITEMS=256", "a");
        launches.Kernel(First, "-DITEMS=256", "b");
        launches.Allocate(DType.Float64, 2);
        launches.Kernel(Second, string.Empty, "c");
        return launches;
    }
}
