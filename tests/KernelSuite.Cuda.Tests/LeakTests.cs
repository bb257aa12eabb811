using System.Runtime.CompilerServices;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cuda;

namespace KernelSuite.Cuda.Tests;

/// <summary>Nothing that is opened stays open; the base class counts.</summary>
public class LeakTests : FakeDriverTest
{
    [SkippableFact]
    public void Hundreds_of_everything_leave_nothing_behind()
    {
        using CudaDevice device = Open();
        using DeviceProgram program = device.BuildProgram(FakePrograms.Source);
        OpenAndClose(device, program);
        Dictionary<string, long> live = FakeCuda.Report().Live;
        for (int i = 0; i < 300; i++) OpenAndClose(device, program);
        FakeReport report = FakeCuda.Report();
        foreach (string kind in (string[])["streams", "memory", "host_memory", "modules", "events"]) Assert.Equal(live[kind], report.LiveOf(kind));
    }

    [SkippableFact]
    public void Every_order_of_disposal_works()
    {
        FakeLibrary.Require();
        var random = new Random(7);
        long before = Living();
        for (int round = 0; round < 200; round++)
        {
            CudaDevice device = Open();
            DeviceStream stream = device.CreateStream();
            DeviceBuffer<float> x = device.Allocate<float>(64);
            HostBuffer<float> host = device.AllocateHost<float>(64);
            DeviceEvent timing = device.CreateEvent(), span = device.CreateEvent();
            DeviceProgram program = device.BuildProgram(FakePrograms.Source);
            DeviceKernel kernel = program.CreateKernel("fill");
            kernel.SetBuffer(0, x.Memory);
            kernel.SetValue(1, 1f);
            kernel.SetValue(2, 64);
            stream.WriteAsync(host, x);
            stream.Launch(kernel, new LaunchShape(1, ItemsX: 64), timing);
            stream.Record(span);
            span.StartFrom(timing);
            stream.ReadAsync(x, host);
            IDisposable[] owned = [device, stream, x, host, timing, span, program, kernel];
            random.Shuffle(owned);
            foreach (IDisposable one in owned) one.Dispose();
            foreach (IDisposable one in owned) one.Dispose();
            Assert.Equal(before, Living());
        }

        Assert.Empty(FakeCuda.Report().Violations);
    }

    [SkippableFact]
    public void What_is_forgotten_is_freed_by_finalisers_and_none_of_them_waits()
    {
        using CudaDevice device = Open();
        using DeviceStream stream = device.CreateStream();
        using DeviceBuffer<float> pending = device.Allocate<float>(16);
        for (int i = 0; i < 20; i++) Forget(device);
        Settle();
        // Work is queued; whatever waits for it would have run it.
        using DeviceEvent point = device.CreateEvent();
        stream.Fill(pending.Memory, 0, 64, 1);
        stream.Record(point);
        for (int i = 0; i < 20; i++) ForgetMemory(device);
        long synchronized = FakeCuda.Report().CallsOf("cuCtxSynchronize");
        long freed = FakeCuda.Report().CallsOf("cuMemFree_v2");
        Settle();
        Assert.Equal((synchronized, freed), (FakeCuda.Report().CallsOf("cuCtxSynchronize"), FakeCuda.Report().CallsOf("cuMemFree_v2")));
        Assert.InRange(device.Context.Orphans.Count, 1, 60);
        stream.Synchronize();
        Assert.Equal(0, device.Context.Orphans.Count);
        Assert.Equal(0, FakeCuda.Report().LiveOf("host_memory"));
    }

    [SkippableFact]
    public void A_forgotten_device_is_freed_with_everything_of_it()
    {
        FakeLibrary.Require();
        long before = Living();
        for (int i = 0; i < 5; i++) ForgetAll();
        Assert.True(Living() > before);
        Settle();
        Assert.Equal(before, Living());
        Assert.Empty(FakeCuda.Report().Violations);
    }

    private static long Living() => FakeCuda.Report().Live.Values.Sum();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(Device device)
    {
        DeviceStream stream = device.CreateStream();
        DeviceBuffer<float> buffer = device.Allocate<float>(1000);
        DeviceEvent point = device.CreateEvent();
        DeviceKernel kernel = device.BuildProgram(FakePrograms.Source).CreateKernel("eight");
        kernel.SetBuffer(0, buffer.Memory);
        stream.Launch(kernel, new LaunchShape(8, ItemsX: 8), point);
        stream.Synchronize();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ForgetMemory(Device device)
    {
        _ = device.Allocate<float>(1000);
        _ = device.AllocateHost<float>(10);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ForgetAll()
    {
        Device device = Device.Open(Id);
        Forget(device);
        _ = device.AllocateHost<float>(10);
    }

    private static void OpenAndClose(Device device, DeviceProgram program)
    {
        using DeviceStream stream = device.CreateStream();
        using DeviceBuffer<float> buffer = device.Allocate<float>(1 << 10);
        using HostBuffer<float> host = device.AllocateHost<float>(64);
        using DeviceBuffer<float> small = device.Allocate<float>(64);
        using DeviceKernel kernel = program.CreateKernel("axpy");
        using DeviceProgram another = device.BuildProgram(FakePrograms.Source);
        using DeviceEvent timing = device.CreateEvent();
        using DeviceEvent point = device.CreateEvent();
        stream.Fill(buffer.Memory, 0, buffer.Memory.ByteLength, 0);
        stream.WriteAsync(host, small);
        kernel.SetBuffer(0, small.Memory);
        kernel.SetBuffer(1, buffer.Memory);
        kernel.SetValue(2, 1f);
        kernel.SetValue(3, 64);
        stream.Launch(kernel, new LaunchShape(1, ItemsX: 64), timing);
        stream.Launch(kernel, new LaunchShape(1, ItemsX: 64), timing);
        stream.Record(point);
        point.StartFrom(timing);
        stream.ReadAsync(small, host);
    }
}
