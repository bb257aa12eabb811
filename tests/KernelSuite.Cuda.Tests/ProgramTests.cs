using KernelSuite.Runtime;
using KernelSuite.Runtime.Cuda;

namespace KernelSuite.Cuda.Tests;

public class ProgramTests : FakeDriverTest
{
    private static readonly string Ptx = FakePrograms.Ptx();

    [SkippableTheory]
    [InlineData(80, "sm_80", "machine code for this GPU")]
    [InlineData(89, "sm_86", "machine code for 8.6, which runs on 8.9")]
    [InlineData(90, "compute_80", "compiled by the driver")]
    public void The_image_for_the_device_is_loaded(int capability, string expected, string reason)
    {
        using CudaDevice device = OpenWith($"device 1 capability {capability}");
        var images = new TextImages(("compute_80", Ptx), ("sm_80", FakePrograms.Cubin("sm_80")), ("sm_86", FakePrograms.Cubin("sm_86")));
        using var program = (CudaProgram)device.BuildProgram(new ProgramSource("a.cu", string.Empty) { Images = images });
        Assert.Equal(expected, program.Target);
        Assert.False(program.FromCache);
        Assert.Contains(reason, program.BuildLog, StringComparison.Ordinal);
        Assert.Contains("nvcc 11.8.89", program.BuildLog, StringComparison.Ordinal);
        Assert.Equal(["compute_80", expected], images.WasRead);
        Assert.Contains("axpy", program.KernelNames);
        using DeviceKernel kernel = program.CreateKernel("axpy");
        Assert.Equal(4, kernel.ArgumentCount);
    }

    [SkippableFact]
    public void What_the_compiler_says_is_kept()
    {
        using CudaDevice device = OpenWith("device 1 capability 90; jitlog ptxas info: 32 registers");
        using DeviceProgram program = device.BuildProgram(FakePrograms.Source);
        Assert.Contains("ptxas info: 32 registers", program.BuildLog, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Ptx_is_loaded_when_it_is_forced()
    {
        FakeLibrary.Require();
        var backend = new CudaBackend(new CudaOptions { ForcePtx = true });
        using Device device = backend.Open(backend.Probe().Devices[1]);
        using var program = (CudaProgram)device.BuildProgram(FakePrograms.Source);
        Assert.Equal("compute_80", program.Target);
    }

    [SkippableFact]
    public void Without_images_the_message_says_how_to_build_them()
    {
        using CudaDevice device = Open();
        ProgramBuildException error = Assert.Throws<ProgramBuildException>(() => device.BuildProgram(new ProgramSource("a.cl", "text", "-DX")));
        Assert.Contains("--with-cuda", error.Message, StringComparison.Ordinal);
        Assert.Equal(("a.cl", Id), (error.Program, error.Device));
    }

    [SkippableFact]
    public void Images_that_cannot_be_used_are_refused()
    {
        using CudaDevice device = Open();
        Assert.Contains("hold no PTX", Refused(device, FakePrograms.Of(("sm_80", FakePrograms.Cubin("sm_80")))), StringComparison.Ordinal);
        Assert.Contains("Line 1", Refused(device, FakePrograms.Of(("compute_80", "no ptx"))), StringComparison.Ordinal);
        Assert.Contains("KSUITE_CUDA_ARCHS=80", Refused(device, FakePrograms.Of(("compute_90", FakePrograms.Ptx("sm_90")))), StringComparison.Ordinal);
        Assert.Contains("too new", Refused(device, FakePrograms.Of(("compute_80", FakePrograms.Ptx(version: "8.5")))), StringComparison.Ordinal);
        Assert.Contains("is empty", Refused(device, FakePrograms.Of(("compute_80", Ptx), ("sm_80", string.Empty))), StringComparison.Ordinal);
        Assert.Contains("CUDA_ERROR_INVALID_IMAGE (200)", Refused(device, FakePrograms.Of(("compute_80", Ptx), ("sm_80", "\u007fELF damaged"))), StringComparison.Ordinal);
        Assert.Contains("CUDA_ERROR_NO_BINARY_FOR_GPU (209)", Refused(device, FakePrograms.Of(("compute_80", Ptx), ("sm_80", FakePrograms.Cubin("sm_90")))), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(218, "CUDA_ERROR_INVALID_PTX")]
    [InlineData(222, "Update the NVIDIA driver")]
    [InlineData(300, "its log says where")]
    [InlineData(209, "KSUITE_CUDA_ARCHS")]
    [InlineData(200, "CUDA_ERROR_INVALID_IMAGE")]
    [InlineData(221, "ptxjitcompiler")]
    [InlineData(223, "CUDA_DISABLE_PTX_JIT")]
    public void A_load_that_fails_carries_the_log_and_the_numbers(int code, string expected)
    {
        using CudaDevice device = OpenWith($"jitlog ptxas fatal: line 7, unknown symbol; cuModuleLoadDataEx fail {code}");
        ProgramBuildException error = Assert.Throws<ProgramBuildException>(() => device.BuildProgram(FakePrograms.Source));
        Assert.Contains("ptxas fatal: line 7", error.BuildLog, StringComparison.Ordinal);
        Assert.Contains(expected, error.BuildLog, StringComparison.Ordinal);
        Assert.Contains("driver 12.4", error.BuildLog, StringComparison.Ordinal);
        Assert.Contains("compute capability 8.0", error.BuildLog, StringComparison.Ordinal);
        Assert.Equal(code, error.Code);
        using DeviceProgram works = device.BuildProgram(FakePrograms.Source);
    }

    [SkippableFact]
    public void A_load_that_fails_for_other_reasons_is_no_build_error()
    {
        using CudaDevice device = OpenWith("cuModuleLoadDataEx fail 2");
        DeviceException error = Assert.Throws<DeviceException>(() => device.BuildProgram(FakePrograms.Source));
        Assert.Equal(("cuModuleLoadDataEx", 2), (error.Call, error.Code));
    }

    [SkippableFact]
    public void An_unknown_kernel_is_refused_with_those_there_are()
    {
        using CudaDevice device = Open();
        using DeviceProgram program = device.BuildProgram(FakePrograms.Source);
        DeviceException error = Assert.Throws<DeviceException>(() => program.CreateKernel("nothing"));
        Assert.Contains("axpy, eight, empty, fault, fill", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => program.CreateKernel(string.Empty));
        program.Dispose();
        Assert.Throws<ObjectDisposedException>(() => program.CreateKernel("axpy"));
    }

    [SkippableFact]
    public void A_kernel_knows_its_resources_and_its_occupancy()
    {
        using CudaDevice device = OpenWith("kernel tiles registers 128; kernel tiles shared 40960; kernel tiles local 24; kernel tiles threads 512");
        using CudaKernel kernel = Kernel(device, "tiles");
        Assert.Equal((128, 40960, 24, 512), (kernel.Registers, kernel.StaticLocalBytes, kernel.PrivateBytes, kernel.MaxWorkGroupSize));
        Assert.Equal(new Version(8, 0), kernel.BinaryCapability);
        Assert.Equal(2, kernel.MaxActiveGroups(256));
        Assert.Equal(1, kernel.MaxActiveGroups(64, 100 << 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => kernel.MaxActiveGroups(513));
        Assert.Throws<ArgumentOutOfRangeException>(() => kernel.MaxActiveGroups(64, 163 << 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => kernel.MaxActiveGroups(64, -1));
    }

    private static CudaDevice OpenWith(string script)
    {
        FakeLibrary.Require();
        // Text behind a colon may hold anything but line ends and semicolons.
        FakeCuda.Script(script);
        return Open();
    }

    private static string Refused(CudaDevice device, ProgramSource source) =>
        Assert.Throws<ProgramBuildException>(() => device.BuildProgram(source)).BuildLog;
}
