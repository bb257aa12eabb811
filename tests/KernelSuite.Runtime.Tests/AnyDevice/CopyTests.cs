using KernelSuite.Tests;

namespace KernelSuite.Runtime.Tests.AnyDevice;

/// <summary>Copies and fills, the same on every device.</summary>
public class CopyTests
{
    public static TheoryData<string> Devices => TestDevices.All;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void What_is_written_is_read_back(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        foreach (int length in (int[])[1, 2, 63, 64, 65, 1000, 100_003])
        {
            float[] data = [.. Enumerable.Range(0, length).Select(i => i * 0.5f)];
            using DeviceBuffer<float> buffer = device.Allocate<float>(length);
            Assert.Equal(length, buffer.Length);
            Assert.Equal(length * 4L, buffer.Memory.ByteLength);
            Assert.Same(device, buffer.Memory.Device);
            stream.Write<float>(data, buffer);
            float[] back = new float[length];
            stream.Read<float>(buffer, back);
            Assert.Equal(data, back);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Copies_at_offsets_touch_their_range_only(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceBuffer<int> buffer = device.Allocate<int>(100);
        stream.Write<int>(Enumerable.Repeat(-1, 100).ToArray(), buffer);
        stream.Write<int>([7, 8, 9], buffer, 50);
        stream.Write<int>([5], buffer, 99);
        int[] all = new int[100];
        stream.Read<int>(buffer, all);
        Assert.Equal((int[])[-1, 7, 8, 9, -1], all[49..54]);
        Assert.Equal(5, all[99]);
        Assert.Equal(96, all.Count(value => value == -1));
        int[] part = new int[4];
        stream.Read<int>(buffer, part, 49);
        Assert.Equal((int[])[-1, 7, 8, 9], part);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Device_copies_move_between_and_within_buffers(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceMemory a = device.Allocate(DType.Float32, 8);
        using DeviceMemory b = device.Allocate(DType.Float32, 8);
        stream.WriteBytes(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray(), a, 0);
        stream.Fill(b, 0, 32, 0xEE);
        stream.Copy(a, 3, b, 5, 7);
        stream.Copy(b, 5, b, 25, 7);
        byte[] back = new byte[32];
        stream.ReadBytes(b, 0, back);
        byte[] expected = Enumerable.Repeat((byte)0xEE, 32).ToArray();
        for (int i = 0; i < 7; i++) expected[5 + i] = expected[25 + i] = (byte)(3 + i);
        Assert.Equal(expected, back);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Overlapping_copies_are_refused(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceMemory a = device.Allocate(DType.Float32, 8);
        Assert.Throws<ArgumentException>(() => stream.Copy(a, 0, a, 4, 5));
        Assert.Throws<ArgumentException>(() => stream.Copy(a, 4, a, 0, 5));
        stream.Copy(a, 0, a, 4, 4);
        stream.Copy(a, 0, a, 0, 0);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Fill_sets_any_range(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceMemory memory = device.Allocate(DType.Float16, 50);
        foreach ((int offset, int count) in ((int, int)[])[(0, 100), (0, 16), (16, 48), (1, 1), (3, 97), (99, 1), (5, 0), (100, 0)])
        {
            stream.Fill(memory, 0, 100, 0x11);
            stream.Fill(memory, offset, count, 0xA5);
            byte[] back = new byte[100];
            stream.ReadBytes(memory, 0, back);
            Assert.Equal(Enumerable.Range(0, 100).Select(i => i >= offset && i < offset + count ? (byte)0xA5 : (byte)0x11), back);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Empty_buffers_work(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceBuffer<double> empty = device.Allocate<double>(0);
        using HostBuffer<double> host = device.AllocateHost<double>(0);
        Assert.Equal(0, empty.Memory.ByteLength);
        stream.Write<double>([], empty);
        stream.Read<double>(empty, []);
        stream.WriteAsync(host, empty);
        stream.ReadAsync(empty, host);
        stream.Fill(empty.Memory, 0, 0, 1);
        stream.Copy(empty.Memory, 0, empty.Memory, 0, 0);
        stream.Synchronize();
        Assert.True(host.Span.IsEmpty);
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Write<double>([1.0], empty));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Ranges_outside_a_buffer_are_refused_and_change_nothing(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceBuffer<float> buffer = device.Allocate<float>(10);
        using DeviceBuffer<float> other = device.Allocate<float>(100);
        using HostBuffer<float> large = device.AllocateHost<float>(11);
        stream.Fill(buffer.Memory, 0, 40, 0);
        float[] eleven = Enumerable.Repeat(1f, 11).ToArray();
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Write<float>(eleven, buffer));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Write<float>([1f], buffer, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Write<float>([1f], buffer, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Write<float>([1f], buffer, long.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Read<float>(buffer, eleven));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Read<float>(buffer, eleven.AsSpan(0, 1), 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.WriteAsync(large, buffer));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.ReadAsync(buffer, large));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.WriteBytes(new byte[2], buffer.Memory, 39));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.ReadBytes(buffer.Memory, 39, new byte[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Fill(buffer.Memory, 0, 41, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Fill(buffer.Memory, long.MaxValue, 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Fill(buffer.Memory, 0, -1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Copy(other.Memory, 0, buffer.Memory, 0, 41));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Copy(buffer.Memory, 1, other.Memory, 0, 40));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(11));
        float[] back = new float[10];
        stream.Read<float>(buffer, back);
        Assert.All(back, value => Assert.Equal(0f, value));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Asynchronous_copies_arrive_in_order(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        const int Length = 1 << 16;
        using DeviceBuffer<int> buffer = device.Allocate<int>(Length);
        using HostBuffer<int> first = device.AllocateHost<int>(Length);
        using HostBuffer<int> second = device.AllocateHost<int>(Length);
        using HostBuffer<int> back1 = device.AllocateHost<int>(Length);
        using HostBuffer<int> back2 = device.AllocateHost<int>(Length);
        first.Span.Fill(1);
        second.Span.Fill(2);
        for (int i = 0; i < 50; i++)
        {
            stream.WriteAsync(first, buffer);
            stream.ReadAsync(buffer, back1);
            stream.WriteAsync(second, buffer);
            stream.ReadAsync(buffer, back2);
        }

        stream.Synchronize();
        Assert.Equal(-1, back1.Span.IndexOfAnyExcept(1));
        Assert.Equal(-1, back2.Span.IndexOfAnyExcept(2));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Host_and_device_memory_disposed_in_flight_stay_until_the_copy_is_done(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        const int Length = 1 << 18;
        using DeviceBuffer<int> last = device.Allocate<int>(Length);
        for (int i = 1; i <= 64; i++)
        {
            HostBuffer<int> host = device.AllocateHost<int>(Length);
            DeviceBuffer<int> through = device.Allocate<int>(Length);
            host.Span.Fill(i);
            stream.WriteAsync(host, through);
            stream.Copy(through.Memory, 0, last.Memory, 0, Length * 4L);
            host.Dispose();
            through.Dispose();
            Assert.True(host.IsDisposed);
            Assert.True(through.Memory.IsDisposed);
        }

        int[] back = new int[Length];
        stream.Read<int>(last, back);
        Assert.Equal(-1, back.AsSpan().IndexOfAnyExcept(64));
        stream.Synchronize();
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Host_buffers_are_zeroed_aligned_and_typed(string id)
    {
        Device device = TestDevices.Shared(id);
        using HostBuffer<BFloat16> host = device.AllocateHost<BFloat16>(1001);
        Assert.Equal(1001, host.Length);
        foreach (BFloat16 value in host.Span) Assert.Equal(0, value.Bits);
        unsafe
        {
            Assert.Equal(0, (nint)host.Pointer % 64);
        }
    }
}
