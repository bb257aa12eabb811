using KernelSuite.Measurement;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Runtime.OpenCl;

namespace KernelSuite.Tests;

public sealed class DoctorTests
{
    [Fact]
    public void This_machine_is_described()
    {
        DoctorReport report = Doctor.Examine();
        Assert.Equal(["cpu", "cuda", "cudahost", "opencl"], report.Backends.Select(b => b.Name).Order());
        Assert.NotNull(report.Auto);
        Assert.NotEmpty(report.DeviceCode.Sources);
        Assert.True(report.Memory.TotalBytes > 0 && report.Processor.Processors > 0);
        Assert.All(report.Backends, b => Assert.NotEmpty(b.Attempts));
    }

    [Fact]
    public void A_missing_library_is_a_problem_with_a_next_step_and_not_an_exception()
    {
        var catalog = new DeviceCatalog(new CpuBackend(), new OpenClBackend(new OpenClOptions { LibraryNames = ["libksuite-no-such-library.so"] }));
        DoctorReport report = Doctor.Examine(catalog);
        DoctorProblem problem = Assert.Single(report.Problems, p => p.Subject == "opencl");
        Assert.NotEmpty(problem.NextStep);
        Assert.Equal("cpu", report.Auto);
        Assert.Contains(report.Backends.Single(b => b.Name == "opencl").Attempts, a => !a.Succeeded && a.Target.Contains("no-such-library", StringComparison.Ordinal));
    }

    [Fact]
    public void A_machine_without_an_nvidia_driver_is_a_healthy_machine()
    {
        DoctorReport report = Doctor.Examine(new DeviceCatalog(new CpuBackend(), new FoundNothing { Absent = true }));
        Assert.DoesNotContain(report.Problems, p => p.Subject == "test");
        Assert.Contains(report.Backends.Single(b => b.Name == "test").Attempts, a => !a.Succeeded);
    }

    [Fact]
    public void A_driver_that_is_there_and_does_not_work_is_a_problem_with_the_backends_advice()
    {
        DoctorReport report = Doctor.Examine(new DeviceCatalog(new CpuBackend(), new FoundNothing { Absent = false }));
        DoctorProblem problem = Assert.Single(report.Problems, p => p.Subject == "test");
        Assert.Contains("the last words", problem.Problem, StringComparison.Ordinal);
        Assert.Equal("Ask the backend.", problem.NextStep);
    }

    [Fact]
    public void A_cache_folder_that_cannot_be_written_is_a_problem()
    {
        string file = Path.GetTempFileName();
        try
        {
            var catalog = new DeviceCatalog(new CpuBackend(), new OpenClBackend(new OpenClOptions { CacheDirectory = Path.Combine(file, "cache") }));
            DoctorReport report = Doctor.Examine(catalog);
            Assert.False(report.Cache.Writable);
            Assert.Contains(report.Problems, p => p.Subject == "cache");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_catalog_without_devices_is_a_problem()
    {
        DoctorReport report = Doctor.Examine(new DeviceCatalog());
        Assert.Null(report.Auto);
        Assert.Contains(report.Problems, p => p.Subject == "devices");
    }

    private sealed class FoundNothing : Backend
    {
        public bool Absent { get; init; }

        public override string Name => "test";

        public override string Advice => "Ask the backend.";

        public override BackendProbe Probe() => new([], new LoadTrace([new LoadAttempt("driver", false, "the last words")])) { IsAbsent = Absent };

        public override Device Open(DeviceInfo info) => throw new NotSupportedException();
    }
}
