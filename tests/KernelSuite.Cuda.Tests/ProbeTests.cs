using KernelSuite.Runtime;
using KernelSuite.Runtime.Cuda;
using KernelSuite.Tests;

namespace KernelSuite.Cuda.Tests;

public class ProbeTests : FakeDriverTest
{
    [SkippableFact]
    public void Devices_are_described()
    {
        FakeLibrary.Require();
        FakeCuda.Script("device 1 capability 90; device 1 memory 85899345920; device 1 multiprocessors 132");
        BackendProbe probe = new CudaBackend().Probe();
        Assert.Equal(["cuda:0", "cuda:1"], probe.Devices.Select(d => d.Id.ToString()));
        Assert.False(probe.IsAbsent);
        Assert.All(probe.Trace.Attempts, a => Assert.True(a.Succeeded, a.Outcome));
        DeviceInfo info = probe.Devices[1];
        Assert.Equal((DeviceKind.Gpu, DeviceLanguage.Cuda, new Version(9, 0)), (info.Kind, info.Language, info.ComputeCapability));
        Assert.Equal(("Fake GPU", "NVIDIA", "driver 12.4", "CUDA 12.4"), (info.Name, info.Vendor, info.Driver, info.Api));
        Assert.Equal((132, 1024, 163 << 10, 1410), (info.ComputeUnits, info.MaxWorkGroupSize, (int)info.LocalMemoryBytes, info.ClockMHz));
        Assert.Equal((85899345920, 85899345920), (info.GlobalMemoryBytes, info.MaxAllocationBytes));
        Assert.Equal("cuda:0", DeviceCatalog.Default.Choose().Device.Id.ToString());
    }

    [SkippableFact]
    public void A_device_that_forbids_contexts_is_left_out_and_keeps_its_number()
    {
        FakeLibrary.Require();
        FakeCuda.Script("device 0 mode 2");
        BackendProbe probe = new CudaBackend().Probe();
        Assert.Equal("cuda:1", Assert.Single(probe.Devices).Id.ToString());
        Assert.Contains(probe.Trace.Attempts, a => a is { Target: "cuda:0", Succeeded: false } && a.Outcome.Contains("nvidia-smi -c", StringComparison.Ordinal));
        DeviceUnavailableException error = Assert.Throws<DeviceUnavailableException>(() => Device.Open("cuda:0"));
        Assert.Contains("compute mode", error.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("cuInit fail 100", "CUDA_VISIBLE_DEVICES")]
    [InlineData("cuInit fail 803", "reboot")]
    [InlineData("cuInit fail 802", "fabricmanager")]
    [InlineData("cuInit fail 34", "stub")]
    [InlineData("cuInit fail 999", "suspend")]
    [InlineData("cuDriverGetVersion fail 999", "CUDA_ERROR_UNKNOWN (999)")]
    [InlineData("cuDeviceGetCount fail 3", "CUDA_ERROR_NOT_INITIALIZED (3)")]
    [InlineData("driver 11030", "470")]
    [InlineData("driver 10020", "number 10020")]
    public void A_driver_that_does_not_work_is_in_the_trace_with_the_next_step(string script, string expected)
    {
        FakeLibrary.Require();
        FakeCuda.Script(script);
        BackendProbe probe = new CudaBackend().Probe();
        Assert.Empty(probe.Devices);
        Assert.False(probe.IsAbsent);
        LoadAttempt failed = Assert.Single(probe.Trace.Attempts, a => !a.Succeeded);
        Assert.Contains(expected, failed.Outcome, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void One_broken_device_does_not_hide_the_others()
    {
        FakeLibrary.Require();
        FakeCuda.Script("cuDeviceGetName fail 999 at 1");
        BackendProbe probe = new CudaBackend().Probe();
        Assert.Equal("cuda:1", Assert.Single(probe.Devices).Id.ToString());
    }

    [SkippableTheory]
    [InlineData("cuDevicePrimaryCtxRetain fail 2", "CUDA_ERROR_OUT_OF_MEMORY (2)")]
    [InlineData("cuDevicePrimaryCtxRetain fail 46", "exclusively")]
    [InlineData("cuCtxSetCurrent fail 709", "reset or destroyed")]
    [InlineData("cuMemGetInfo_v2 fail 214", "ECC")]
    public void A_device_that_cannot_be_opened_says_why(string script, string expected)
    {
        FakeLibrary.Require();
        FakeCuda.Script(script);
        DeviceUnavailableException error = Assert.Throws<DeviceUnavailableException>(() => Device.Open(Id));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("driver 12.4", error.Message, StringComparison.Ordinal);
        using CudaDevice works = Open();
        Assert.False(works.IsLost);
    }

    [SkippableFact]
    public void Only_a_cuda_device_that_was_listed_can_be_opened()
    {
        FakeLibrary.Require();
        var backend = new CudaBackend();
        DeviceInfo real = backend.Probe().Devices[0];
        Assert.Throws<DeviceUnavailableException>(() => backend.Open(real with { Id = new DeviceId("cuda", 77) }));
        Assert.Throws<ArgumentException>(() => backend.Open(real with { Id = DeviceId.Cpu }));
        Assert.Throws<ArgumentNullException>(() => backend.Open(null!));
    }

    [SkippableFact]
    public void A_machine_without_a_gpu_is_no_fault()
    {
        Skip.If(DriverFiles.KernelModuleIsLoaded, "This machine has a running NVIDIA driver.");
        (int exit, string output) = ChildProcess.Run(["probe"], ("KSUITE_CUDA_CHILD", "1"), ("KSUITE_CUDA_LIBRARY", string.Empty));
        Assert.Equal(0, exit);
        Assert.Contains("devices: 0, absent: True", output, StringComparison.Ordinal);
        Assert.Contains("libcuda.so.1", output, StringComparison.Ordinal);
        Assert.Contains("fail", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_that_was_named_and_is_not_there_is_a_fault()
    {
        (int exit, string output) = ChildProcess.Run(["probe"], ("KSUITE_CUDA_CHILD", "1"), ("KSUITE_CUDA_LIBRARY", "/nonexistent/libcuda.so.1"));
        Assert.Equal(0, exit);
        Assert.Contains("devices: 0, absent: False", output, StringComparison.Ordinal);
        Assert.Contains("fail /nonexistent/libcuda.so.1", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_without_the_entry_points_is_a_failed_probe()
    {
        (int exit, string output) = ChildProcess.Run(["probe"], ("KSUITE_CUDA_CHILD", "1"), ("KSUITE_CUDA_LIBRARY", "libc.so.6"));
        Assert.Equal(0, exit);
        Assert.Contains("devices: 0, absent: False", output, StringComparison.Ordinal);
        Assert.Contains("not a CUDA 11.4 driver", output, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("driver 11020", "too old")]
    [InlineData("devices 0", "no CUDA-capable device is detected")]
    public void Drivers_of_other_machines(string script, string expected)
    {
        FakeLibrary.Require();
        (int exit, string output) = ChildProcess.Run(
            ["probe"], ("KSUITE_CUDA_CHILD", "1"), ("KSUITE_CUDA_LIBRARY", FakeLibrary.Path), ("KSUITE_FAKECUDA_SCRIPT", script), ("CUDA_VISIBLE_DEVICES", "7"));
        Assert.Equal(0, exit);
        Assert.Contains("devices: 0, absent: False", output, StringComparison.Ordinal);
        Assert.Contains(expected, output, StringComparison.Ordinal);
        if (script == "devices 0") Assert.Contains("CUDA_VISIBLE_DEVICES is '7'", output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_process_that_leaves_everything_open_ends_cleanly()
    {
        FakeLibrary.Require();
        (int exit, string output) = ChildProcess.Run(["abandon"], ("KSUITE_CUDA_CHILD", "1"), ("KSUITE_CUDA_LIBRARY", FakeLibrary.Path));
        Assert.True(exit == 0, $"exit code {exit}: {output}");
        Assert.Contains("abandoned", output, StringComparison.Ordinal);
    }
}
