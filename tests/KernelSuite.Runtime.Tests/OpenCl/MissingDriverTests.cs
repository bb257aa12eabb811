using KernelSuite.Runtime.OpenCl;
using KernelSuite.Tests;

namespace KernelSuite.Runtime.Tests.OpenCl;

public class MissingDriverTests
{
    [Fact]
    public void Without_an_icd_loader_the_probe_says_what_the_loader_said()
    {
        var backend = new OpenClBackend(new OpenClOptions { LibraryNames = ["libksuite-no-such-loader.so.1", "/nonexistent/libOpenCL.so"] });
        BackendProbe probe = backend.Probe();
        Assert.Empty(probe.Devices);
        Assert.False(probe.Trace.Attempts[0].Succeeded);
        Assert.Equal("libksuite-no-such-loader.so.1", probe.Trace.Attempts[0].Target);
        Assert.Contains("cannot open shared object file", probe.Trace.Attempts[0].Outcome, StringComparison.Ordinal);
        Assert.Equal("/nonexistent/libOpenCL.so", probe.Trace.Attempts[1].Target);
        DeviceUnavailableException error = Assert.Throws<DeviceUnavailableException>(() => new DeviceCatalog(backend).Open("opencl:0"));
        Assert.Contains("libksuite-no-such-loader.so.1", error.Message, StringComparison.Ordinal);
        Assert.Contains("KSUITE_OPENCL_LIBRARY", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_library_is_a_failed_attempt()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "libOpenCL.so.1");
        File.WriteAllText(path, "this is text");
        BackendProbe probe = new OpenClBackend(new OpenClOptions { LibraryNames = [path] }).Probe();
        Assert.Empty(probe.Devices);
        Assert.False(probe.Trace.Attempts[0].Succeeded);
        Assert.NotEmpty(probe.Trace.Attempts[0].Outcome);
    }

    [Fact]
    public void A_library_without_the_entry_points_is_a_failed_probe()
    {
        // The C library loads, but it is no OpenCL. A child process, since a process binds one library for its life.
        (int exit, string output) = ChildProcess.Run(["probe"], ("KSUITE_OPENCL_LIBRARY", "libc.so.6"));
        Assert.Equal(0, exit);
        Assert.Contains("devices: 0", output, StringComparison.Ordinal);
        Assert.Contains("not an OpenCL 1.2 loader", output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Without_a_driver_the_probe_finds_the_loader_but_no_device()
    {
        _ = TestDevices.Shared(TestDevices.OpenClIds[0]);
        using var empty = new TemporaryFolder();
        (int exit, string output) = ChildProcess.Run(["probe"], ("OCL_ICD_VENDORS", empty.Path), ("OPENCL_VENDOR_PATH", empty.Path));
        Assert.Equal(0, exit);
        Assert.Contains("devices: 0", output, StringComparison.Ordinal);
        Assert.Contains("fail clGetPlatformIDs", output, StringComparison.Ordinal);
        Assert.Contains(empty.Path, output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_second_loader_is_refused_once_a_process_is_bound()
    {
        _ = TestDevices.Shared(TestDevices.OpenClIds[0]);
        BackendProbe probe = new OpenClBackend(new OpenClOptions { LibraryNames = ["libc.so.6"] }).Probe();
        Assert.Empty(probe.Devices);
        Assert.Contains("bound", probe.Trace.Attempts[0].Outcome, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_probe_of_a_present_device_names_loader_driver_file_and_platform()
    {
        _ = TestDevices.Shared(TestDevices.OpenClIds[0]);
        BackendProbe probe = new OpenClBackend().Probe();
        Assert.NotEmpty(probe.Devices);
        Assert.True(probe.Trace.Attempts[0].Succeeded);
        Assert.Contains(probe.Trace.Attempts, attempt => attempt.Target.StartsWith("platform 0", StringComparison.Ordinal) && attempt.Succeeded);
        Assert.All(probe.Devices, info =>
        {
            Assert.NotEmpty(info.Name);
            Assert.NotEmpty(info.Driver);
            Assert.True(info is { ComputeUnits: > 0, MaxWorkGroupSize: > 0, LocalMemoryBytes: > 0, GlobalMemoryBytes: > 0, MaxAllocationBytes: > 0 });
        });
    }

    [SkippableFact]
    public void A_process_that_leaves_everything_open_ends_cleanly()
    {
        _ = TestDevices.Shared(TestDevices.OpenClIds[0]);
        (int exit, string output) = ChildProcess.Run(["abandon"]);
        Assert.True(exit == 0, $"exit code {exit}: {output}");
        Assert.Contains("abandoned", output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Only_an_opencl_device_that_was_listed_can_be_opened()
    {
        _ = TestDevices.Shared(TestDevices.OpenClIds[0]);
        var backend = new OpenClBackend();
        DeviceInfo real = backend.Probe().Devices[0];
        Assert.Throws<DeviceUnavailableException>(() => backend.Open(real with { Id = new DeviceId("opencl", 77) }));
        Assert.Throws<ArgumentException>(() => backend.Open(real with { Id = DeviceId.Cpu }));
        Assert.Throws<ArgumentNullException>(() => backend.Open(null!));
    }
}
