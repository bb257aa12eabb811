using KernelSuite.Runtime;
using KernelSuite.Runtime.Cuda;

namespace KernelSuite.Cuda.Tests;

/// <summary>Times from a driver that gives distances as floats, and events that share a driver event.</summary>
public class ClockTests : FakeDriverTest
{
    private const long Hour = 3_600_000_000_000;

    [SkippableFact]
    public void Spans_stay_exact_however_long_the_device_has_run()
    {
        using CudaDevice device = Open();
        using DeviceStream stream = device.CreateStream();
        using CudaKernel kernel = Kernel(device, "empty");
        using DeviceEvent timing = device.CreateEvent();
        long before = 0;
        foreach (long pause in (long[])[0, 1_000_000, 400_000_000, Hour, 24 * Hour])
        {
            FakeCuda.Script($"clock advance {pause}");
            stream.Launch(kernel, new LaunchShape(1), timing);
            // 11 us; a float of milliseconds an hour from its origin would give 0 or 250.
            Assert.InRange(timing.EndNanoseconds - timing.StartNanoseconds, 10_900, 11_100);
            Assert.True(timing.StartNanoseconds > before);
            before = timing.EndNanoseconds;
        }

        Assert.True(before > 25 * Hour);
    }

    [SkippableFact]
    public void A_time_that_was_read_does_not_change_when_the_clock_is_renewed()
    {
        using CudaDevice device = Open();
        using DeviceStream stream = device.CreateStream();
        using DeviceEvent first = device.CreateEvent(), last = device.CreateEvent();
        stream.Record(first);
        long at = first.EndNanoseconds;
        FakeCuda.Script($"clock advance {Hour}");
        stream.Record(last);
        // Across so long a pause the driver's float decides: half a step of 24 bits is 0.12 ms.
        Assert.InRange(last.EndNanoseconds - at, Hour - 250_000, Hour + 250_000);
        Assert.Equal(at, first.EndNanoseconds);
    }

    [SkippableFact]
    public void A_span_keeps_its_start_when_the_first_event_is_recorded_again()
    {
        using CudaDevice device = Open();
        using DeviceStream stream = device.CreateStream();
        using CudaKernel kernel = Kernel(device, "empty");
        using DeviceEvent first = device.CreateEvent(), last = device.CreateEvent();
        for (int round = 0; round < 3; round++)
        {
            stream.Launch(kernel, new LaunchShape(1), first);
            stream.Launch(kernel, new LaunchShape(1), last);
            last.StartFrom(first);
            stream.Launch(kernel, new LaunchShape(1), first);
            stream.Synchronize();
            long span = last.EndNanoseconds - last.StartNanoseconds;
            Assert.InRange(span, 22_500, 23_500);
            Assert.True(first.StartNanoseconds > last.EndNanoseconds);
        }

        // Through several hands, and from itself.
        using DeviceEvent third = device.CreateEvent();
        stream.Record(third);
        third.StartFrom(last);
        third.StartFrom(third);
        last.Dispose();
        first.Dispose();
        Assert.True(third.StartNanoseconds < third.EndNanoseconds);
    }

    [SkippableFact]
    public void Recording_again_and_again_creates_no_events()
    {
        using CudaDevice device = Open();
        using DeviceStream stream = device.CreateStream();
        using CudaKernel kernel = Kernel(device, "empty");
        using DeviceEvent first = device.CreateEvent(), last = device.CreateEvent();
        Once();
        Once();
        long created = FakeCuda.Report().CallsOf("cuEventCreate");
        for (int i = 0; i < 100; i++) Once();
        Assert.Equal(created, FakeCuda.Report().CallsOf("cuEventCreate"));

        void Once()
        {
            stream.Launch(kernel, new LaunchShape(1), first);
            stream.Launch(kernel, new LaunchShape(1), last);
            last.StartFrom(first);
        }
    }

    [SkippableFact]
    public void Times_can_be_read_when_the_device_object_is_disposed()
    {
        CudaDevice device = Open();
        using DeviceStream stream = device.CreateStream();
        using DeviceEvent point = device.CreateEvent();
        stream.Record(point);
        device.Dispose();
        Assert.True(point.EndNanoseconds > 0);
    }

    [SkippableFact]
    public void A_stream_waits_for_another_on_the_device_and_not_on_the_host()
    {
        using CudaDevice device = Open();
        using DeviceStream first = device.CreateStream(), second = device.CreateStream();
        using DeviceBuffer<int> a = device.Allocate<int>(4), b = device.Allocate<int>(4);
        using HostBuffer<int> back = device.AllocateHost<int>(4);
        using DeviceEvent ready = device.CreateEvent();
        second.Fill(b.Memory, 0, 16, 0);
        first.Fill(a.Memory, 0, 16, 1);
        first.Record(ready);
        second.Wait(ready);
        second.Copy(a.Memory, 0, b.Memory, 0, 16);
        second.ReadAsync(b, back);
        Assert.False(ready.IsComplete);
        Assert.Equal(0, back.Span[0]);
        second.Synchronize();
        Assert.True(ready.IsComplete);
        Assert.Equal(0x01010101, back.Span[3]);
    }
}
