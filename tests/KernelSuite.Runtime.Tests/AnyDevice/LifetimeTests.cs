using KernelSuite.Tests;

namespace KernelSuite.Runtime.Tests.AnyDevice;

/// <summary>Use after dispose, foreign objects and absurd sizes, the same on every device.</summary>
public class LifetimeTests
{
    public static TheoryData<string> Devices => TestDevices.All;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_disposed_buffer_is_refused(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceBuffer<float> open = device.Allocate<float>(4);
        DeviceBuffer<float> closed = device.Allocate<float>(4);
        closed.Dispose();
        closed.Dispose();
        Assert.True(closed.Memory.IsDisposed);
        Assert.False(open.Memory.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => stream.Write<float>([1f], closed));
        Assert.Throws<ObjectDisposedException>(() => stream.Read<float>(closed, new float[1]));
        Assert.Throws<ObjectDisposedException>(() => stream.Fill(closed.Memory, 0, 4, 0));
        Assert.Throws<ObjectDisposedException>(() => stream.Copy(closed.Memory, 0, open.Memory, 0, 4));
        Assert.Throws<ObjectDisposedException>(() => stream.Copy(open.Memory, 0, closed.Memory, 0, 4));
        HostBuffer<float> host = device.AllocateHost<float>(4);
        host.Dispose();
        Assert.Throws<ObjectDisposedException>(() => stream.WriteAsync(host, open));
        Assert.Throws<ObjectDisposedException>(() => host.Span.Length);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public async Task A_disposed_stream_is_refused(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceBuffer<float> buffer = device.Allocate<float>(4);
        using HostBuffer<float> host = device.AllocateHost<float>(4);
        using DeviceEvent point = device.CreateEvent();
        DeviceStream stream = device.CreateStream();
        Assert.False(stream.IsDisposed);
        stream.Dispose();
        stream.Dispose();
        await stream.DisposeAsync();
        Assert.True(stream.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => stream.Write<float>([1f], buffer));
        Assert.Throws<ObjectDisposedException>(() => stream.Read<float>(buffer, new float[1]));
        Assert.Throws<ObjectDisposedException>(() => stream.WriteAsync(host, buffer));
        Assert.Throws<ObjectDisposedException>(() => stream.ReadAsync(buffer, host));
        Assert.Throws<ObjectDisposedException>(() => stream.Fill(buffer.Memory, 0, 4, 0));
        Assert.Throws<ObjectDisposedException>(() => stream.Record(point));
        Assert.Throws<ObjectDisposedException>(() => stream.Wait(point));
        Assert.Throws<ObjectDisposedException>(stream.Flush);
        Assert.Throws<ObjectDisposedException>(stream.Synchronize);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_disposed_device_makes_nothing_but_its_children_live_on(string id)
    {
        Device device = TestDevices.Open(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceBuffer<int> buffer = device.Allocate<int>(3);
        device.Dispose();
        device.Dispose();
        Assert.Throws<ObjectDisposedException>(() => device.Allocate<int>(3));
        Assert.Throws<ObjectDisposedException>(() => device.AllocateHost<int>(3));
        Assert.Throws<ObjectDisposedException>(device.CreateStream);
        Assert.Throws<ObjectDisposedException>(device.CreateEvent);
        stream.Write<int>([1, 2, 3], buffer);
        int[] back = new int[3];
        stream.Read<int>(buffer, back);
        Assert.Equal((int[])[1, 2, 3], back);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Objects_of_another_device_are_refused(string id)
    {
        Device device = TestDevices.Shared(id);
        using Device stranger = TestDevices.Open(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceBuffer<float> own = device.Allocate<float>(4);
        using DeviceBuffer<float> foreign = stranger.Allocate<float>(4);
        using DeviceEvent foreignEvent = stranger.CreateEvent();
        Assert.Throws<ArgumentException>(() => stream.Write<float>([1f], foreign));
        Assert.Throws<ArgumentException>(() => stream.Read<float>(foreign, new float[1]));
        Assert.Throws<ArgumentException>(() => stream.Fill(foreign.Memory, 0, 4, 0));
        Assert.Throws<ArgumentException>(() => stream.Copy(foreign.Memory, 0, own.Memory, 0, 4));
        Assert.Throws<ArgumentException>(() => stream.Copy(own.Memory, 0, foreign.Memory, 0, 4));
        Assert.Throws<ArgumentException>(() => stream.Record(foreignEvent));
        Assert.Throws<ArgumentException>(() => stream.Wait(foreignEvent));
        Assert.Throws<ArgumentNullException>(() => stream.Fill(null!, 0, 0, 0));
        Assert.Throws<ArgumentNullException>(() => stream.Record(null!));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Absurd_sizes_are_errors_and_the_device_stays_usable(string id)
    {
        Device device = TestDevices.Shared(id);
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Allocate<float>(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Allocate<double>(long.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Allocate(DType.Float64, long.MaxValue / 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.AllocateHost<double>(long.MaxValue));
        const long FourTebi = 1L << 42;
        DeviceOutOfMemoryException error = Assert.Throws<DeviceOutOfMemoryException>(() => device.Allocate<byte>(FourTebi));
        Assert.Equal(FourTebi, error.RequestedBytes);
        Assert.InRange(error.AvailableBytes, 1, FourTebi);
        Assert.Contains(id, error.Message, StringComparison.Ordinal);
        Assert.Throws<DeviceOutOfMemoryException>(() => device.AllocateHost<byte>(FourTebi));
        using DeviceBuffer<float> still = device.Allocate<float>(16);
        Assert.Equal(16, still.Length);
        DeviceMemoryInfo memory = device.QueryMemory();
        Assert.True(memory.Total > 0);
        Assert.InRange(memory.Free, -1, memory.Total);
    }
}
