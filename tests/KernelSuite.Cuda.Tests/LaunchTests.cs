using KernelSuite.Runtime;
using KernelSuite.Runtime.Cuda;
using KernelSuite.Tests;

namespace KernelSuite.Cuda.Tests;

public class LaunchTests : FakeDriverTest
{
    [SkippableFact]
    public void A_kernel_computes_and_its_times_enclose_it()
    {
        using CudaDevice device = Open();
        const int Length = 10_001;
        using DeviceStream stream = device.CreateStream();
        using CudaKernel kernel = Kernel(device, "axpy");
        using DeviceBuffer<float> x = device.Allocate<float>(Length), y = device.Allocate<float>(Length);
        using DeviceEvent timing = device.CreateEvent(), after = device.CreateEvent();
        stream.Write<float>(Enumerable.Range(0, Length).Select(i => (float)i).ToArray(), x);
        stream.Write<float>(Enumerable.Repeat(1f, Length).ToArray(), y);
        kernel.SetBuffer(0, x.Memory);
        kernel.SetBuffer(1, y.Memory);
        kernel.SetValue(2, 2f);
        kernel.SetValue(3, Length);
        stream.Launch(kernel, new LaunchShape((Length + 63) / 64, ItemsX: 64), timing);
        stream.Record(after);
        Assert.False(timing.IsComplete);
        float[] back = new float[Length];
        stream.Read<float>(y, back);
        Assert.Equal(Enumerable.Range(0, Length).Select(i => (2f * i) + 1f), back);
        Assert.True(timing.IsComplete);
        // The fake device takes 10 us for a kernel and 1 us to record.
        Assert.Equal(11_000, timing.EndNanoseconds - timing.StartNanoseconds);
        Assert.True(after.EndNanoseconds >= timing.EndNanoseconds);
    }

    [SkippableFact]
    public void Shape_shared_memory_and_argument_bytes_reach_the_driver()
    {
        using CudaDevice device = Open();
        using DeviceStream stream = device.CreateStream();
        using CudaKernel kernel = Kernel(device, "wide");
        kernel.SetValue(0, (byte)7);
        kernel.SetValue(1, new Six(1, 2, 3, 4, 5, 6));
        kernel.SetValue(2, (ushort)0x1234);
        kernel.SetValue(3, 1.0);
        stream.Launch(kernel, new LaunchShape(2147483647, 65535, 65535, 16, 8, 4, 1024));
        stream.Synchronize();
        FakeLaunch launch = Assert.Single(FakeCuda.Report().Launches);
        Assert.Equal(("wide", 1, 1024), (launch.Kernel, launch.Device, launch.Shared));
        Assert.Equal([2147483647, 65535, 65535], launch.Grid);
        Assert.Equal([16, 8, 4], launch.Block);
        Assert.Equal(["07", "010000000000000002000000000000000300000000000000040000000000000005000000000000000600000000000000", "3412", "000000000000f03f"], launch.Arguments);
    }

    [SkippableFact]
    public void Arguments_are_captured_by_the_launch_and_null_is_passed()
    {
        using CudaDevice device = Open();
        using DeviceStream stream = device.CreateStream();
        using CudaKernel fill = Kernel(device, "fill");
        using DeviceBuffer<float> buffer = device.Allocate<float>(8);
        using DeviceBuffer<float> other = device.Allocate<float>(8);
        fill.SetValue(2, 8);
        fill.SetBuffer(0, buffer.Memory);
        fill.SetValue(1, 1f);
        stream.Launch(fill, new LaunchShape(1, ItemsX: 8));
        fill.SetBuffer(0, other.Memory);
        fill.SetValue(1, 2f);
        stream.Launch(fill, new LaunchShape(1, ItemsX: 8));
        float[] back = new float[8];
        stream.Read<float>(buffer, back);
        Assert.All(back, value => Assert.Equal(1f, value));
        stream.Read<float>(other, back);
        Assert.All(back, value => Assert.Equal(2f, value));

        using CudaKernel isNull = Kernel(device, "is_null");
        using DeviceBuffer<int> answer = device.Allocate<int>(1);
        int[] said = new int[1];
        isNull.SetBuffer(0, null);
        isNull.SetBuffer(1, answer.Memory);
        stream.Launch(isNull, new LaunchShape(1));
        stream.Read<int>(answer, said);
        Assert.Equal(1, said[0]);
    }

    [SkippableFact]
    public void Setting_arguments_and_launching_allocates_nothing()
    {
        using CudaDevice device = Open();
        using DeviceStream stream = device.CreateStream();
        using CudaKernel kernel = Kernel(device, "axpy");
        using DeviceBuffer<float> x = device.Allocate<float>(64), y = device.Allocate<float>(64);
        using DeviceEvent timing = device.CreateEvent(), first = device.CreateEvent(), point = device.CreateEvent();
        using HostBuffer<float> host = device.AllocateHost<float>(64);
        stream.Fill(x.Memory, 0, 256, 0);
        stream.Fill(y.Memory, 0, 256, 0);
        for (int i = 0; i < 200; i++) Once();
        Assert.Equal(0, Allocations.Least(500, Once));

        void Once()
        {
            kernel.SetBuffer(0, x.Memory);
            kernel.SetBuffer(1, y.Memory);
            kernel.SetValue(2, 1f);
            kernel.SetValue(3, 64);
            stream.Launch(kernel, new LaunchShape(1, ItemsX: 64), first);
            stream.Launch(kernel, new LaunchShape(1, ItemsX: 64), timing);
            timing.StartFrom(first);
            stream.WriteAsync(host, x);
            stream.Record(point);
            stream.Wait(point);
            stream.Synchronize();
            _ = timing.EndNanoseconds - timing.StartNanoseconds;
        }
    }

    [SkippableFact]
    public void Shapes_beyond_the_limits_are_refused_with_the_numbers()
    {
        using CudaDevice device = Open();
        using DeviceStream stream = device.CreateStream();
        FakeCuda.Script("kernel empty threads 256; kernel empty shared 4096");
        using CudaKernel kernel = Kernel(device, "empty");
        Assert.Contains("256", Refused(new LaunchShape(1, ItemsX: 32, ItemsY: 9)), StringComparison.Ordinal);
        Assert.Contains("1,024 work-items per group along X", Refused(new LaunchShape(1, ItemsX: 1025)), StringComparison.Ordinal);
        Assert.Contains("along Y", Refused(new LaunchShape(1, ItemsY: 0)), StringComparison.Ordinal);
        Assert.Contains("64 work-items per group along Z", Refused(new LaunchShape(1, ItemsZ: 65)), StringComparison.Ordinal);
        Assert.Contains("65,535 groups along Y", Refused(new LaunchShape(1, 65536)), StringComparison.Ordinal);
        Assert.Contains("groups along Z", Refused(new LaunchShape(1, 1, 0)), StringComparison.Ordinal);
        Assert.Contains("2,147,483,647 groups along X", Refused(new LaunchShape(1L << 31)), StringComparison.Ordinal);
        Assert.Contains("groups along X", Refused(new LaunchShape(long.MinValue)), StringComparison.Ordinal);
        Assert.Contains("166,912", Refused(new LaunchShape(1, LocalBytes: (163 << 10) - 4095)), StringComparison.Ordinal);
        Assert.Contains("LocalBytes", Refused(new LaunchShape(1, LocalBytes: -1)), StringComparison.Ordinal);
        Refused(new LaunchShape(1, LocalBytes: int.MaxValue));
        using CudaKernel eight = Kernel(device, "eight");
        eight.SetBuffer(0, null);
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => stream.Launch(eight, new LaunchShape(1, ItemsX: 16)));
        Assert.Contains("8 x 1 x 1", error.Message, StringComparison.Ordinal);
        Assert.Empty(FakeCuda.Report().Launches);

        string Refused(LaunchShape shape) => Assert.Throws<ArgumentOutOfRangeException>(() => stream.Launch(kernel, shape)).Message;
    }

    [SkippableFact]
    public void Dynamic_shared_memory_is_asked_for_once_and_only_above_the_default()
    {
        using CudaDevice device = Open();
        using DeviceStream stream = device.CreateStream();
        FakeCuda.Script("kernel tiles shared 8192");
        using CudaProgram program = (CudaProgram)device.BuildProgram(FakePrograms.Source);
        using DeviceKernel first = program.CreateKernel("tiles"), second = program.CreateKernel("tiles");
        first.SetBuffer(0, null);
        second.SetBuffer(0, null);
        stream.Launch(first, new LaunchShape(1, LocalBytes: 40 << 10));
        Assert.Equal(0, FakeCuda.Report().CallsOf("cuFuncSetAttribute"));
        stream.Launch(first, new LaunchShape(1, LocalBytes: (40 << 10) + 1));
        stream.Launch(second, new LaunchShape(1, LocalBytes: 100 << 10));
        // The driver keeps the bound for the function, not for the object: the larger one has to stay.
        stream.Launch(first, new LaunchShape(1, LocalBytes: 64 << 10));
        stream.Launch(second, new LaunchShape(1, LocalBytes: 100 << 10));
        stream.Launch(first, new LaunchShape(1, LocalBytes: (163 << 10) - 8192));
        Assert.Equal(3, FakeCuda.Report().CallsOf("cuFuncSetAttribute"));
        Assert.Equal(6, FakeCuda.Report().Launches.Count);
    }

    [SkippableFact]
    public void Wrong_arguments_are_named()
    {
        using CudaDevice device = Open(), stranger = Open();
        using DeviceStream stream = device.CreateStream();
        using CudaKernel kernel = Kernel(device, "axpy");
        using DeviceBuffer<float> foreign = stranger.Allocate<float>(4);
        DeviceBuffer<float> own = device.Allocate<float>(4);
        Assert.Throws<ArgumentOutOfRangeException>(() => kernel.SetValue(4, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => kernel.SetBuffer(-1, own.Memory));
        Assert.Throws<ArgumentException>(() => kernel.SetBuffer(0, foreign.Memory));
        Assert.Contains("argument 2: a buffer has 8 bytes and the parameter 4", Assert.Throws<ArgumentException>(() => kernel.SetBuffer(2, own.Memory)).Message, StringComparison.Ordinal);
        Assert.Contains("argument 3: a Double has 8 bytes and the parameter 4", Assert.Throws<ArgumentException>(() => kernel.SetValue(3, 1.0)).Message, StringComparison.Ordinal);
        Assert.Contains("LocalBytes", Assert.Throws<NotSupportedException>(() => kernel.SetLocal(0, 16)).Message, StringComparison.Ordinal);
        kernel.SetBuffer(0, own.Memory);
        kernel.SetBuffer(1, own.Memory);
        kernel.SetValue(2, 1f);
        Assert.Contains("argument 3 of 4", Assert.Throws<InvalidOperationException>(() => stream.Launch(kernel, new LaunchShape(1))).Message, StringComparison.Ordinal);
        kernel.SetValue(3, 4);
        own.Dispose();
        ObjectDisposedException gone = Assert.Throws<ObjectDisposedException>(() => stream.Launch(kernel, new LaunchShape(1)));
        Assert.Contains("argument 0", gone.Message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(() => kernel.SetBuffer(0, own.Memory));
    }

    [SkippableFact]
    public void Kernels_outlive_their_program_and_are_refused_after_dispose()
    {
        using CudaDevice device = Open(), stranger = Open();
        using DeviceStream stream = device.CreateStream(), foreignStream = stranger.CreateStream();
        using DeviceBuffer<float> y = device.Allocate<float>(64);
        CudaKernel kernel = Kernel(device, "eight");
        kernel.SetBuffer(0, y.Memory);
        stream.Launch(kernel, new LaunchShape(8, ItemsX: 8));
        float[] back = new float[64];
        stream.Read<float>(y, back);
        Assert.Equal(Enumerable.Range(0, 64).Select(i => (float)(i / 8)), back);
        Assert.Throws<ArgumentException>(() => foreignStream.Launch(kernel, new LaunchShape(8, ItemsX: 8)));
        using (DeviceEvent foreignEvent = stranger.CreateEvent())
            Assert.Throws<ArgumentException>(() => stream.Launch(kernel, new LaunchShape(8, ItemsX: 8), foreignEvent));
        stream.Launch(kernel, new LaunchShape(8, ItemsX: 8));
        // The launch is still queued: unloading its code has to wait for it.
        kernel.Dispose();
        kernel.Dispose();
        Assert.Throws<ObjectDisposedException>(() => stream.Launch(kernel, new LaunchShape(8, ItemsX: 8)));
        Assert.Throws<ObjectDisposedException>(() => kernel.SetValue(0, 1));
        Assert.Throws<ObjectDisposedException>(() => kernel.MaxActiveGroups(8));
    }

    [SkippableFact]
    public void A_launch_that_the_driver_refuses_says_what_was_launched()
    {
        using CudaDevice device = Open();
        using DeviceStream stream = device.CreateStream();
        using CudaKernel kernel = Kernel(device, "empty");
        using DeviceEvent timing = device.CreateEvent();
        FakeCuda.Script("cuLaunchKernel fail 701");
        DeviceException error = Assert.Throws<DeviceException>(() => stream.Launch(kernel, new LaunchShape(3, 2, 1, 32, 4), timing));
        Assert.Equal(("cuLaunchKernel", 701, Id), (error.Call, error.Code, error.Device));
        foreach (string part in (string[])["CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES (701)", "'empty'", "3 x 2 x 1", "32 x 4 x 1", "driver 12.4", "smaller blocks"])
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => timing.EndNanoseconds);
        stream.Launch(kernel, new LaunchShape(1), timing);
        Assert.True(timing.EndNanoseconds > timing.StartNanoseconds);
    }

    private readonly record struct Six(long A, long B, long C, long D, long E, long F);
}
