using KernelSuite.Runtime.OpenCl;
using KernelSuite.Tests;

namespace KernelSuite.Runtime.Tests.OpenCl;

public class ProgramTests
{
    public static TheoryData<string> Devices => TestDevices.OpenCl;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_build_failure_carries_the_log(string id)
    {
        Device device = TestDevices.Shared(id);
        var source = new ProgramSource("tests/broken.cl", "__kernel void broken(__global float* y) { y[0] = not_declared_anywhere; }", "-DTILE=4");
        ProgramBuildException error = Assert.Throws<ProgramBuildException>(() => device.BuildProgram(source));
        Assert.Contains("not_declared_anywhere", error.BuildLog, StringComparison.Ordinal);
        Assert.Contains("not_declared_anywhere", error.Message, StringComparison.Ordinal);
        Assert.Contains("tests/broken.cl", error.Message, StringComparison.Ordinal);
        Assert.Contains("-DTILE=4", error.Message, StringComparison.Ordinal);
        Assert.Equal(id, error.Device);
        using DeviceProgram still = device.BuildProgram(TestKernels.Axpy);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Unknown_options_are_a_build_failure(string id) =>
        Assert.Throws<ProgramBuildException>(() => TestDevices.Shared(id).BuildProgram(TestKernels.Unique() with { Options = "-no-such-option-at-all" }));

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Malformed_sources_are_argument_errors(string id)
    {
        Device device = TestDevices.Shared(id);
        Assert.Throws<ArgumentNullException>(() => device.BuildProgram(null!));
        Assert.Throws<ArgumentException>(() => device.BuildProgram(new ProgramSource("empty", string.Empty)));
        Assert.Throws<ArgumentException>(() => device.BuildProgram(TestKernels.Axpy with { Options = "-DA\0-DB" }));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_wrong_kernel_name_lists_the_kernels(string id)
    {
        using DeviceProgram program = TestDevices.Shared(id).BuildProgram(TestKernels.Axpy);
        DeviceException error = Assert.Throws<DeviceException>(() => program.CreateKernel("axpi"));
        foreach (string name in (string[])["axpi", "axpy", "group_sum", "eight", "is_null"]) Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Equal(4, ((OpenClProgram)program).KernelNames.Count);
        Assert.ThrowsAny<ArgumentException>(() => program.CreateKernel(string.Empty));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Options_reach_the_compiler(string id)
    {
        _ = TestDevices.Shared(id);
        using var folder = new TemporaryFolder();
        using Device device = new DeviceCatalog(new OpenClBackend(new OpenClOptions { CacheDirectory = folder.Path })).Open(id);
        ProgramSource source = TestKernels.Unique("y[get_global_id(0)] = VALUE;");
        foreach (int value in (int[])[3, 4])
        {
            using DeviceProgram program = device.BuildProgram(source with { Options = $"-DVALUE={value}" });
            Assert.False(program.FromCache);
            Assert.Equal(value, KernelResult.Of(device, program));
        }
    }
}
