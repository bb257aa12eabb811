using KernelSuite.Runtime;
using KernelSuite.Runtime.Cuda;

namespace KernelSuite.Cuda.Tests;

/// <summary>Errors after which a context is gone.</summary>
public class LostTests : FakeDriverTest
{
    [SkippableFact]
    public void A_fault_of_a_kernel_loses_the_device_and_a_new_one_works()
    {
        CudaDevice device = Open();
        DeviceStream stream = device.CreateStream();
        DeviceBuffer<float> buffer = device.Allocate<float>(16);
        HostBuffer<float> host = device.AllocateHost<float>(16);
        DeviceEvent point = device.CreateEvent(), early = device.CreateEvent();
        CudaKernel kernel = Kernel(device, "fault");
        CudaProgram program = (CudaProgram)device.BuildProgram(FakePrograms.Source);
        stream.Record(early);
        stream.WriteAsync(host, buffer);
        stream.Launch(kernel, new LaunchShape(1));
        stream.Record(point);
        stream.ReadAsync(buffer, host);
        Assert.False(device.IsLost);
        DeviceLostException first = Assert.Throws<DeviceLostException>(stream.Synchronize);
        Assert.Equal(("cuStreamSynchronize", 700, Id), (first.Call, first.Code, first.Device));
        foreach (string part in (string[])["CUDA_ERROR_ILLEGAL_ADDRESS (700)", "illegal memory access", "driver 12.4", "cudahost", "open it again"])
            Assert.Contains(part, first.Message, StringComparison.Ordinal);
        Assert.True(device.IsLost);

        Action[] later =
        [
            stream.Synchronize, stream.Flush, () => stream.Record(point), () => stream.Wait(early), () => stream.Fill(buffer.Memory, 0, 4, 0),
            () => stream.Write<float>([1f], buffer), () => stream.Read<float>(buffer, new float[1]), () => stream.WriteAsync(host, buffer),
            () => stream.ReadAsync(buffer, host), () => stream.Copy(buffer.Memory, 0, buffer.Memory, 32, 32), () => stream.Launch(kernel, new LaunchShape(1)),
            () => device.CreateStream(), () => device.CreateEvent(), () => device.Allocate<float>(1), () => device.AllocateHost<float>(1),
            () => device.BuildProgram(FakePrograms.Source), () => device.QueryMemory(), () => program.CreateKernel("axpy"), () => kernel.MaxActiveGroups(1),
            () => _ = early.IsComplete, early.Synchronize, () => _ = early.EndNanoseconds,
        ];
        long calls = FakeCuda.Report().Calls.Values.Sum();
        foreach (Action action in later)
        {
            DeviceLostException error = Assert.Throws<DeviceLostException>(action);
            Assert.Equal(700, error.Code);
            Assert.Contains("lost since cuStreamSynchronize failed", error.Message, StringComparison.Ordinal);
        }

        // The driver is not asked again.
        Assert.Equal(calls, FakeCuda.Report().Calls.Values.Sum());
        foreach (IDisposable owned in (IDisposable[])[early, point, kernel, program, host, buffer, stream, device]) owned.Dispose();

        using CudaDevice again = Open();
        using DeviceStream works = again.CreateStream();
        using DeviceBuffer<int> memory = again.Allocate<int>(2);
        int[] back = new int[2];
        works.Write<int>([3, 4], memory);
        works.Read<int>(memory, back);
        Assert.Equal((int[])[3, 4], back);
    }

    [SkippableTheory]
    [InlineData(4)]
    [InlineData(201)]
    [InlineData(214)]
    [InlineData(220)]
    [InlineData(226)]
    [InlineData(702)]
    [InlineData(709)]
    [InlineData(710)]
    [InlineData(714)]
    [InlineData(715)]
    [InlineData(716)]
    [InlineData(717)]
    [InlineData(718)]
    [InlineData(719)]
    [InlineData(721)]
    [InlineData(810)]
    [InlineData(911)]
    public void Codes_that_end_a_context_are_told_apart(int code)
    {
        using CudaDevice device = Open();
        using DeviceStream stream = device.CreateStream();
        FakeCuda.Script($"cuStreamSynchronize fail {code}");
        DeviceLostException error = Assert.Throws<DeviceLostException>(stream.Synchronize);
        Assert.Equal(code, error.Code);
        Assert.DoesNotContain("See 'ksuite doctor'", error.Message, StringComparison.Ordinal);
        Assert.True(device.IsLost);
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(400)]
    [InlineData(701)]
    [InlineData(999)]
    [InlineData(123456)]
    public void Other_codes_leave_the_device_usable(int code)
    {
        using CudaDevice device = Open();
        using DeviceStream stream = device.CreateStream();
        FakeCuda.Script($"cuStreamSynchronize fail {code}");
        DeviceException error = Assert.Throws<DeviceException>(stream.Synchronize);
        Assert.Equal(code, error.Code);
        Assert.Contains($"({code})", error.Message, StringComparison.Ordinal);
        Assert.False(device.IsLost);
        stream.Synchronize();
    }

    [SkippableFact]
    public void A_context_that_somebody_destroyed_is_lost()
    {
        using CudaDevice device = Open();
        using DeviceStream stream = device.CreateStream();
        // As a reset by another library of the process would leave it.
        Assert.Equal(0, CudaNative.cuDevicePrimaryCtxRelease_v2(1));
        nint again;
        unsafe
        {
            Assert.Equal(0, CudaNative.cuDevicePrimaryCtxRetain(&again, 1));
        }

        Assert.NotEqual(device.Context.Raw, again);
        Assert.Throws<DeviceLostException>(stream.Synchronize);
        Assert.True(device.IsLost);
        // The fake driver notices what a reset leaves behind; that was the point.
        Assert.Contains(FakeCuda.Report().Violations, text => text.Contains("context", StringComparison.Ordinal));
        stream.Dispose();
        device.Dispose();
        FakeCuda.Script("record on");
        ForgiveViolations();
    }

    /// <summary>
    /// A context that was released and retained again may lie where the old one lay. Two objects on one GPU have the same address just so.
    /// </summary>
    [SkippableFact]
    public void A_context_is_made_current_for_each_handle_and_not_for_each_address()
    {
        using CudaDevice first = Open();
        using CudaDevice second = Open();
        Assert.Equal(first.Context.Raw, second.Context.Raw);
        first.QueryMemory();
        long calls = FakeCuda.Report().Calls["cuCtxSetCurrent"];
        first.QueryMemory();
        Assert.Equal(calls, FakeCuda.Report().Calls["cuCtxSetCurrent"]);
        second.QueryMemory();
        Assert.Equal(calls + 1, FakeCuda.Report().Calls["cuCtxSetCurrent"]);
    }

    private static void ForgiveViolations() => FakeCuda.Reset();
}
