using KernelSuite.Runtime.OpenCl;
using KernelSuite.Tests;

namespace KernelSuite.Runtime.Tests.OpenCl;

public class LaunchTests
{
    public static TheoryData<string> Devices => TestDevices.OpenCl;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_kernel_computes_and_its_times_enclose_it(string id)
    {
        Device device = TestDevices.Shared(id);
        const int Length = 10_001;
        using DeviceStream stream = device.CreateStream();
        using DeviceProgram program = device.BuildProgram(TestKernels.Axpy);
        using DeviceKernel kernel = program.CreateKernel("axpy");
        using DeviceBuffer<float> x = device.Allocate<float>(Length);
        using DeviceBuffer<float> y = device.Allocate<float>(Length);
        using DeviceEvent timing = device.CreateEvent();
        using DeviceEvent after = device.CreateEvent();
        stream.Write<float>(Enumerable.Range(0, Length).Select(i => (float)i).ToArray(), x);
        stream.Write<float>(Enumerable.Repeat(1f, Length).ToArray(), y);
        Assert.Equal(4, kernel.ArgumentCount);
        Assert.Equal("axpy", kernel.Name);
        kernel.SetBuffer(0, x.Memory);
        kernel.SetBuffer(1, y.Memory);
        kernel.SetValue(2, 2f);
        kernel.SetValue(3, Length);
        stream.Launch(kernel, new LaunchShape((Length + 63) / 64, ItemsX: 64), timing);
        stream.Record(after);
        float[] back = new float[Length];
        stream.Read<float>(y, back);
        Assert.Equal(Enumerable.Range(0, Length).Select(i => (2f * i) + 1f), back);
        Assert.True(timing.IsComplete);
        Assert.True(timing.EndNanoseconds >= timing.StartNanoseconds);
        Assert.True(after.EndNanoseconds >= timing.EndNanoseconds);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Arguments_are_captured_by_the_launch(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceProgram program = device.BuildProgram(TestKernels.Axpy);
        using DeviceKernel kernel = program.CreateKernel("axpy");
        using DeviceBuffer<float> ones = device.Allocate<float>(64);
        stream.Write<float>(Enumerable.Repeat(1f, 64).ToArray(), ones);
        DeviceBuffer<float>[] sums = [.. Enumerable.Range(0, 8).Select(_ => device.Allocate<float>(64))];
        kernel.SetBuffer(0, ones.Memory);
        kernel.SetValue(3, 64);
        for (int i = 0; i < sums.Length; i++)
        {
            stream.Fill(sums[i].Memory, 0, 256, 0);
            kernel.SetBuffer(1, sums[i].Memory);
            kernel.SetValue(2, (float)i);
            stream.Launch(kernel, new LaunchShape(1, ItemsX: 64));
        }

        float[] back = new float[64];
        for (int i = 0; i < sums.Length; i++)
        {
            stream.Read<float>(sums[i], back);
            Assert.All(back, value => Assert.Equal(i, value));
            sums[i].Dispose();
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Local_memory_and_null_buffers_are_passed(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceProgram program = device.BuildProgram(TestKernels.Axpy);
        using DeviceKernel sum = program.CreateKernel("group_sum");
        using DeviceBuffer<float> x = device.Allocate<float>(96);
        using DeviceBuffer<float> sums = device.Allocate<float>(3);
        stream.Write<float>(Enumerable.Range(0, 96).Select(i => (float)i).ToArray(), x);
        sum.SetBuffer(0, x.Memory);
        sum.SetBuffer(1, sums.Memory);
        sum.SetLocal(2, 32 * sizeof(float));
        stream.Launch(sum, new LaunchShape(3, ItemsX: 32, LocalBytes: 128));
        float[] back = new float[3];
        stream.Read<float>(sums, back);
        Assert.Equal((float[])[496, 1520, 2544], back);

        using DeviceKernel isNull = program.CreateKernel("is_null");
        using DeviceBuffer<int> answer = device.Allocate<int>(1);
        int[] said = new int[1];
        isNull.SetBuffer(1, answer.Memory);
        isNull.SetBuffer(0, null);
        stream.Launch(isNull, new LaunchShape(1));
        stream.Read<int>(answer, said);
        Assert.Equal(1, said[0]);
        isNull.SetBuffer(0, x.Memory);
        stream.Launch(isNull, new LaunchShape(1));
        stream.Read<int>(answer, said);
        Assert.Equal(0, said[0]);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Setting_arguments_and_launching_allocates_nothing(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceProgram program = device.BuildProgram(TestKernels.Axpy);
        using DeviceKernel kernel = program.CreateKernel("axpy");
        using DeviceBuffer<float> x = device.Allocate<float>(64);
        using DeviceBuffer<float> y = device.Allocate<float>(64);
        using DeviceEvent timing = device.CreateEvent();
        using DeviceEvent point = device.CreateEvent();
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
            stream.Launch(kernel, new LaunchShape(1, ItemsX: 64));
            stream.Launch(kernel, new LaunchShape(1, ItemsX: 64), timing);
            stream.Record(point);
            stream.Wait(point);
            stream.Synchronize();
            _ = timing.EndNanoseconds - timing.StartNanoseconds;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Shapes_beyond_the_limits_are_refused_with_the_numbers(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceProgram program = device.BuildProgram(TestKernels.Axpy);
        using DeviceKernel kernel = program.CreateKernel("axpy");
        using DeviceBuffer<float> x = device.Allocate<float>(64);
        kernel.SetBuffer(0, x.Memory);
        kernel.SetBuffer(1, x.Memory);
        kernel.SetValue(2, 1f);
        kernel.SetValue(3, 0);
        int most = device.Info.MaxWorkGroupSize;
        Assert.Contains($"{most:N0}", Refused(new LaunchShape(1, ItemsX: most, ItemsY: 2)), StringComparison.Ordinal);
        Assert.Contains("along X", Refused(new LaunchShape(1, ItemsX: int.MaxValue)), StringComparison.Ordinal);
        Assert.Contains("along Y", Refused(new LaunchShape(1, ItemsY: 0)), StringComparison.Ordinal);
        Assert.Contains("groups along Z", Refused(new LaunchShape(1, 1, 0)), StringComparison.Ordinal);
        Assert.Contains("groups along X", Refused(new LaunchShape(-1)), StringComparison.Ordinal);
        Assert.Contains("groups along X", Refused(new LaunchShape(long.MaxValue, ItemsX: 2)), StringComparison.Ordinal);
        Assert.Contains("SetLocal", Refused(new LaunchShape(1, LocalBytes: 64)), StringComparison.Ordinal);
        stream.Launch(kernel, new LaunchShape(1));
        stream.Synchronize();

        using DeviceKernel eight = program.CreateKernel("eight");
        eight.SetBuffer(0, x.Memory);
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => stream.Launch(eight, new LaunchShape(1, ItemsX: 16)));
        Assert.Contains("8 x 1 x 1", error.Message, StringComparison.Ordinal);
        stream.Launch(eight, new LaunchShape(8, ItemsX: 8));
        stream.Synchronize();

        string Refused(LaunchShape shape) => Assert.Throws<ArgumentOutOfRangeException>(() => stream.Launch(kernel, shape)).Message;
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Too_much_local_memory_is_refused(string id)
    {
        Device device = TestDevices.Shared(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceProgram program = device.BuildProgram(TestKernels.Axpy);
        using DeviceKernel sum = program.CreateKernel("group_sum");
        using DeviceBuffer<float> x = device.Allocate<float>(64);
        sum.SetBuffer(0, x.Memory);
        sum.SetBuffer(1, x.Memory);
        Exception error = Assert.ThrowsAny<Exception>(() =>
        {
            sum.SetLocal(2, (int)Math.Min(int.MaxValue, device.Info.LocalMemoryBytes + 4096));
            stream.Launch(sum, new LaunchShape(1, ItemsX: 1));
        });
        Assert.True(error is ArgumentOutOfRangeException or DeviceException, error.ToString());
        Assert.Contains("group_sum", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => sum.SetLocal(2, 0));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Wrong_arguments_are_named(string id)
    {
        Device device = TestDevices.Shared(id);
        using Device stranger = TestDevices.Open(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceProgram program = device.BuildProgram(TestKernels.Axpy);
        using DeviceKernel kernel = program.CreateKernel("axpy");
        using DeviceBuffer<float> foreign = stranger.Allocate<float>(4);
        DeviceBuffer<float> own = device.Allocate<float>(4);
        Assert.Throws<ArgumentOutOfRangeException>(() => kernel.SetValue(4, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => kernel.SetBuffer(-1, own.Memory));
        Assert.Throws<ArgumentException>(() => kernel.SetBuffer(0, foreign.Memory));
        DeviceException size = Assert.Throws<DeviceException>(() => kernel.SetValue(3, 1.0));
        Assert.Contains("argument 3", size.Message, StringComparison.Ordinal);
        Assert.Contains("8 bytes", size.Message, StringComparison.Ordinal);
        Assert.Equal("clSetKernelArg", size.Call);
        Assert.NotEqual(0, size.Code);
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

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Kernels_outlive_their_program_and_are_refused_after_dispose(string id)
    {
        Device device = TestDevices.Shared(id);
        using Device stranger = TestDevices.Open(id);
        using DeviceStream stream = device.CreateStream();
        using DeviceStream foreignStream = stranger.CreateStream();
        using DeviceBuffer<float> y = device.Allocate<float>(64);
        DeviceProgram program = device.BuildProgram(TestKernels.Axpy);
        DeviceKernel kernel = program.CreateKernel("eight");
        program.Dispose();
        Assert.Throws<ObjectDisposedException>(() => program.CreateKernel("eight"));
        Assert.Throws<ObjectDisposedException>(() => ((OpenClProgram)program).KernelNames);
        kernel.SetBuffer(0, y.Memory);
        stream.Launch(kernel, new LaunchShape(8, ItemsX: 8));
        float[] back = new float[64];
        stream.Read<float>(y, back);
        Assert.Equal(Enumerable.Range(0, 64).Select(i => (float)(i / 8)), back);
        Assert.Throws<ArgumentException>(() => foreignStream.Launch(kernel, new LaunchShape(8, ItemsX: 8)));
        using (DeviceEvent foreignEvent = stranger.CreateEvent())
            Assert.Throws<ArgumentException>(() => stream.Launch(kernel, new LaunchShape(8, ItemsX: 8), foreignEvent));
        kernel.Dispose();
        Assert.Throws<ObjectDisposedException>(() => stream.Launch(kernel, new LaunchShape(8, ItemsX: 8)));
        Assert.Throws<ObjectDisposedException>(() => kernel.SetValue(0, 1));
    }

    [Fact]
    public void The_cpu_device_says_where_to_build_programs()
    {
        using Device cpu = Device.Open("cpu");
        Assert.Contains("opencl", Assert.Throws<NotSupportedException>(() => cpu.BuildProgram(TestKernels.Axpy)).Message, StringComparison.Ordinal);
    }
}
