using KernelSuite.Runtime.OpenCl;
using KernelSuite.Tests;

namespace KernelSuite.Runtime.Tests.OpenCl;

/// <summary>Nothing that is opened stays open. Alone in its collection, since it counts the handles of the whole process.</summary>
[Collection(nameof(LeakTests))]
[CollectionDefinition(nameof(LeakTests), DisableParallelization = true)]
public class LeakTests
{
    private const int Rounds = 1000;

    public static TheoryData<string> Devices => TestDevices.OpenCl;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_thousand_of_everything_leave_nothing_behind(string id)
    {
        using Device device = TestDevices.Open(id);
        var own = (OpenClDevice)device;
        using DeviceProgram program = device.BuildProgram(TestKernels.Axpy);
        for (int i = 0; i < 100; i++) OpenAndClose(device, program);
        Settle();
        uint references = own.ContextReferences;
        int handles = ClHandle.Live;
        long resident = Environment.WorkingSet;
        for (int i = 0; i < Rounds; i++) OpenAndClose(device, program);
        Settle();
        Assert.Equal(references, own.ContextReferences);
        Assert.Equal(handles, ClHandle.Live);
        // A leak of the 1 MiB buffers alone would be 1,000 MiB.
        Assert.InRange(Environment.WorkingSet - resident, long.MinValue, 200L << 20);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Programs_and_devices_leave_nothing_behind(string id)
    {
        _ = TestDevices.Shared(id);
        Settle();
        int handles = ClHandle.Live;
        for (int i = 0; i < 50; i++)
        {
            using Device device = TestDevices.Open(id);
            for (int j = 0; j < 20; j++)
            {
                using DeviceProgram program = device.BuildProgram(TestKernels.Axpy);
                using DeviceKernel kernel = program.CreateKernel("axpy");
            }

            Assert.Equal(1u, ((OpenClDevice)device).ContextReferences);
        }

        Assert.Equal(handles, ClHandle.Live);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void What_is_forgotten_is_freed_by_finalisers(string id)
    {
        _ = TestDevices.Shared(id);
        Settle();
        int handles = ClHandle.Live;
        for (int i = 0; i < 20; i++) Forget(id);
        Settle();
        Assert.InRange(ClHandle.Live, 0, handles);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Forget(string id)
    {
        Device device = Device.Open(id);
        DeviceStream stream = device.CreateStream();
        DeviceBuffer<float> buffer = device.Allocate<float>(1000);
        DeviceEvent point = device.CreateEvent();
        DeviceKernel kernel = device.BuildProgram(TestKernels.Axpy).CreateKernel("eight");
        kernel.SetBuffer(0, buffer.Memory);
        stream.Launch(kernel, new LaunchShape(8, ItemsX: 8), point);
        stream.Synchronize();
    }

    private static void OpenAndClose(Device device, DeviceProgram program)
    {
        using DeviceStream stream = device.CreateStream();
        using DeviceBuffer<float> buffer = device.Allocate<float>(1 << 18);
        using HostBuffer<float> host = device.AllocateHost<float>(64);
        using DeviceBuffer<float> small = device.Allocate<float>(64);
        using DeviceKernel kernel = program.CreateKernel("axpy");
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
        stream.ReadAsync(small, host);
    }

    private static void Settle()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
