using KernelSuite.Tests;

namespace KernelSuite.Runtime.Tests.AnyDevice;

/// <summary>Events, the same on every device.</summary>
public class EventTests
{
    public static TheoryData<string> Devices => TestDevices.All;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Recorded_points_rise(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceMemory memory = device.Allocate(DType.Float32, 1 << 20);
        DeviceEvent[] points = [.. Enumerable.Range(0, 6).Select(_ => device.CreateEvent())];
        foreach (DeviceEvent point in points)
        {
            stream.Fill(memory, 0, memory.ByteLength, 1);
            stream.Record(point);
        }

        stream.Synchronize();
        long before = 0;
        foreach (DeviceEvent point in points)
        {
            Assert.True(point.IsComplete);
            Assert.Equal(point.StartNanoseconds, point.EndNanoseconds);
            Assert.True(point.EndNanoseconds >= before, "Time ran backwards.");
            before = point.EndNanoseconds;
            point.Dispose();
        }

        Assert.True(before > 0);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void An_event_is_reusable(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceEvent point = device.CreateEvent();
        long before = 0;
        for (int i = 0; i < 100; i++)
        {
            stream.Record(point);
            point.Synchronize();
            Assert.True(point.EndNanoseconds >= before);
            before = point.EndNanoseconds;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void An_event_that_was_never_recorded_is_complete_but_has_no_time(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceEvent point = device.CreateEvent();
        Assert.True(point.IsComplete);
        point.Synchronize();
        stream.Wait(point);
        Assert.Throws<InvalidOperationException>(() => point.StartNanoseconds);
        Assert.Throws<InvalidOperationException>(() => point.EndNanoseconds);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_span_can_start_at_an_earlier_event(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceEvent first = device.CreateEvent(), last = device.CreateEvent();
        Assert.Throws<InvalidOperationException>(() => last.StartFrom(first));
        stream.Record(first);
        Assert.Throws<InvalidOperationException>(() => last.StartFrom(first));
        stream.Record(last);
        long end = last.EndNanoseconds;
        last.StartFrom(first);
        Assert.True(last.StartNanoseconds <= first.EndNanoseconds);
        Assert.Equal(end, last.EndNanoseconds);

        // Recorded again, the event is a point of its own.
        stream.Record(last);
        Assert.Equal(last.StartNanoseconds, last.EndNanoseconds);
        stream.Synchronize();
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_disposed_event_is_refused(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        DeviceEvent point = device.CreateEvent();
        stream.Record(point);
        point.Dispose();
        point.Dispose();
        Assert.Throws<ObjectDisposedException>(() => stream.Record(point));
        Assert.Throws<ObjectDisposedException>(() => stream.Wait(point));
        Assert.Throws<ObjectDisposedException>(() => point.IsComplete);
        Assert.Throws<ObjectDisposedException>(() => point.EndNanoseconds);
        Assert.Throws<ObjectDisposedException>(point.Synchronize);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void One_stream_waits_for_an_event_of_another(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream first = device.CreateStream();
        using DeviceStream second = device.CreateStream();
        using DeviceEvent ready = device.CreateEvent();
        const int Length = 1 << 20;
        using DeviceBuffer<int> a = device.Allocate<int>(Length);
        using DeviceBuffer<int> b = device.Allocate<int>(Length);
        int[] back = new int[Length];
        for (byte round = 1; round < 20; round++)
        {
            first.Fill(a.Memory, 0, Length * 4L, round);
            first.Record(ready);
            first.Flush();
            second.Wait(ready);
            second.Copy(a.Memory, 0, b.Memory, 0, Length * 4L);
            second.Read<int>(b, back);
            Assert.Equal(-1, back.AsSpan().IndexOfAnyExcept(round * 0x01010101));
        }
    }
}
