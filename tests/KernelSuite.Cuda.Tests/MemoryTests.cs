using KernelSuite.Runtime;
using KernelSuite.Runtime.Cuda;

namespace KernelSuite.Cuda.Tests;

public class MemoryTests : FakeDriverTest
{
    [SkippableFact]
    public void Memory_that_does_not_fit_is_refused_with_requested_and_free_bytes()
    {
        using CudaDevice device = Open();
        using DeviceBuffer<byte> some = device.Allocate<byte>(1 << 20);
        DeviceOutOfMemoryException error = Assert.Throws<DeviceOutOfMemoryException>(() => device.Allocate<byte>(5L << 30));
        Assert.Equal((5L << 30, (4L << 30) - (1 << 20), 2), (error.RequestedBytes, error.AvailableBytes, error.Code));
        foreach (string part in (string[])["5,368,709,120", "CUDA_ERROR_OUT_OF_MEMORY (2)", "driver 12.4", Id, "smaller shape"])
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Equal(new DeviceMemoryInfo(4L << 30, (4L << 30) - (1 << 20)), device.QueryMemory());
    }

    [SkippableFact]
    public void Page_locked_memory_that_cannot_be_had_is_refused()
    {
        using CudaDevice device = Open();
        FakeCuda.Script("host_memory 1000000");
        DeviceOutOfMemoryException error = Assert.Throws<DeviceOutOfMemoryException>(() => device.AllocateHost<byte>(1_000_001));
        Assert.Equal(1_000_001, error.RequestedBytes);
        Assert.Contains("cuMemHostAlloc", error.Message, StringComparison.Ordinal);
        using HostBuffer<byte> fits = device.AllocateHost<byte>(1_000_000);
        Assert.Equal(1, FakeCuda.Report().LiveOf("host_memory"));
    }

    [SkippableFact]
    public void Page_locked_memory_stays_until_the_last_copy_is_done()
    {
        using CudaDevice device = Open();
        DeviceStream stream = device.CreateStream();
        using DeviceBuffer<int> buffer = device.Allocate<int>(1024);
        for (int i = 0; i < 8; i++)
        {
            HostBuffer<int> host = device.AllocateHost<int>(1024);
            host.Span.Fill(i);
            stream.WriteAsync(host, buffer);
            stream.ReadAsync(buffer, host);
            host.Dispose();
        }

        // Copies were queued behind each other, so some of the buffers must still be there.
        Assert.InRange(FakeCuda.Report().LiveOf("host_memory"), 1, 8);
        stream.Synchronize();
        Assert.Equal(0, FakeCuda.Report().LiveOf("host_memory"));
        HostBuffer<int> last = device.AllocateHost<int>(1024);
        stream.WriteAsync(last, buffer);
        last.Dispose();
        Assert.Equal(1, FakeCuda.Report().LiveOf("host_memory"));
        stream.Dispose();
        Assert.Equal(0, FakeCuda.Report().LiveOf("host_memory"));
    }

    [SkippableFact]
    public void Page_locked_memory_is_given_back_while_the_stream_goes_on()
    {
        using CudaDevice device = Open();
        using DeviceStream stream = device.CreateStream();
        using DeviceBuffer<int> buffer = device.Allocate<int>(16);
        using HostBuffer<int> kept = device.AllocateHost<int>(16);
        for (int i = 0; i < 50; i++)
        {
            HostBuffer<int> host = device.AllocateHost<int>(16);
            stream.WriteAsync(host, buffer);
            host.Dispose();
            // Another event of the stream that is waited for: the copy is done, and the next copy finds it so.
            using DeviceEvent point = device.CreateEvent();
            stream.Record(point);
            point.Synchronize();
            stream.WriteAsync(kept, buffer);
        }

        Assert.InRange(FakeCuda.Report().LiveOf("host_memory"), 1, 3);
    }

    [SkippableFact]
    public async Task Asynchronous_disposal_waits_for_the_stream()
    {
        using CudaDevice device = Open();
        using HostBuffer<int> back = device.AllocateHost<int>(4);
        using DeviceBuffer<int> buffer = device.Allocate<int>(4);
        DeviceStream stream = device.CreateStream();
        stream.Fill(buffer.Memory, 0, 16, 2);
        stream.ReadAsync(buffer, back);
        Assert.Equal(0, back.Span[0]);
        await stream.DisposeAsync();
        Assert.Equal(0x02020202, back.Span[0]);
    }

    [SkippableFact]
    public void Another_library_may_change_the_current_context()
    {
        using CudaDevice one = Open("cuda:0"), two = Open();
        using DeviceStream first = one.CreateStream(), second = two.CreateStream();
        using DeviceBuffer<int> a = one.Allocate<int>(4), b = two.Allocate<int>(4);
        using CudaKernel kernel = Kernel(two, "empty");
        using DeviceEvent point = two.CreateEvent();
        int[] back = new int[4];
        foreach (nint stranger in (nint[])[0, one.Context.Raw, two.Context.Raw, 0])
        {
            // Each call meets a thread on which something else is current, and the driver would complain.
            Change();
            second.Write<int>([1, 2, 3, 4], b);
            Change();
            first.Write<int>([5, 6, 7, 8], a);
            Change();
            second.Launch(kernel, new LaunchShape(1), point);
            Change();
            Assert.True(point.EndNanoseconds > 0);
            Change();
            second.Read<int>(b, back);
            Assert.Equal((int[])[1, 2, 3, 4], back);
            Change();
            second.Flush();
            Change();
            second.Synchronize();
            Change();
            two.Allocate<int>(1).Dispose();
            Change();

            void Change() => Assert.Equal(0, CudaNative.cuCtxSetCurrent(stranger));
        }
    }

    [SkippableFact]
    public void Threads_share_a_device()
    {
        using CudaDevice device = Open();
        using DeviceProgram program = device.BuildProgram(FakePrograms.Source);
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, thread =>
        {
            for (int round = 0; round < 50; round++)
            {
                using DeviceStream stream = device.CreateStream();
                using DeviceKernel kernel = program.CreateKernel("fill");
                using DeviceBuffer<float> buffer = device.Allocate<float>(256);
                using HostBuffer<float> host = device.AllocateHost<float>(256);
                using DeviceEvent timing = device.CreateEvent();
                kernel.SetBuffer(0, buffer.Memory);
                kernel.SetValue(1, (float)((thread * 100) + round));
                kernel.SetValue(2, 256);
                stream.Launch(kernel, new LaunchShape(1, ItemsX: 256), timing);
                stream.ReadAsync(buffer, host);
                stream.Synchronize();
                Assert.Equal(-1, host.Span.IndexOfAnyExcept((float)((thread * 100) + round)));
                Assert.True(timing.EndNanoseconds > timing.StartNanoseconds);
            }
        });
    }
}
