using KernelSuite.Runtime.Cuda;

namespace KernelSuite.Cuda.Tests;

public class ImageChoiceTests
{
    private const string All = "compute_80 sm_80 sm_86 sm_89 sm_90";

    [Theory]
    [InlineData("8.0", 12040, All, "sm_80")]
    [InlineData("8.6", 12040, All, "sm_86")]
    [InlineData("8.9", 12040, All, "sm_89")]
    [InlineData("9.0", 12040, All, "sm_90")]
    [InlineData("9.0", 12040, All + " sm_90a", "sm_90a")]
    [InlineData("9.0", 12040, "compute_80 sm_90a sm_80", "sm_90a")]
    [InlineData("8.9", 12040, "compute_80 sm_80 sm_86", "sm_86")]
    [InlineData("8.6", 12040, "compute_80 sm_80 sm_89", "sm_80")]
    [InlineData("10.0", 12080, All + " sm_90a", "compute_80")]
    [InlineData("12.0", 12080, "compute_80 sm_120 sm_100", "sm_120")]
    [InlineData("12.1", 12080, "compute_80 sm_120 sm_90", "sm_120")]
    [InlineData("9.0", 12040, "compute_80 compute_89 sm_80", "compute_89")]
    [InlineData("9.0", 12040, "compute_80 compute_90a", "compute_90a")]
    [InlineData("10.0", 12080, "compute_80 compute_90a", "compute_80")]
    // Systems on a chip run code of their own only.
    [InlineData("8.7", 12040, All, "compute_80")]
    [InlineData("8.7", 12040, All + " sm_87", "sm_87")]
    [InlineData("8.9", 12040, "compute_80 sm_87 sm_80", "sm_80")]
    // The newest PTX of each driver, at and behind its edge.
    [InlineData("9.0", 11080, "compute_80", "compute_80")]
    [InlineData("12.0", 99990, "compute_80", "compute_80")]
    // Kinds of target that are not known are passed over.
    [InlineData("9.0", 12040, "compute_80 sm_100f lto_90 sm_ sm_9 sm_9000 compute_x", "compute_80")]
    public void The_best_image_is_chosen(string capability, int driver, string targets, string expected)
    {
        ImageChoice choice = ImageChoice.Choose(Version.Parse(capability), driver, targets.Split(' '), new Version(7, 8), "nvcc 11.8");
        Assert.Equal(expected, choice.Target);
        Assert.Equal(expected.StartsWith("compute", StringComparison.Ordinal), choice.IsPtx);
        Assert.NotEmpty(choice.Reason);
    }

    [Theory]
    [InlineData("7.5", 12040, All, "7.8", "KSUITE_CUDA_ARCHS=75")]
    [InlineData("8.0", 12040, "sm_90", "7.8", "sm_90")]
    [InlineData("8.0", 12040, "", "7.8", "made nothing")]
    [InlineData("10.0", 12040, "sm_90a compute_90a", "8.4", "KSUITE_CUDA_ARCHS=100")]
    [InlineData("10.0", 11080, "compute_80", "8.0", "up to 7.8")]
    [InlineData("9.0", 11040, "compute_80 sm_80", "7.8", "11.4 (11040)")]
    [InlineData("9.0", 12050, "compute_80", "8.6", "up to 8.5")]
    [InlineData("9.0", 12060, "compute_80", "8.6", "up to 8.5")]
    [InlineData("10.0", 12080, "compute_80", "8.8", "up to 8.7")]
    public void What_does_not_run_is_refused_with_the_numbers(string capability, int driver, string targets, string ptx, string expected)
    {
        string[] list = targets.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        ImageChoice choice = ImageChoice.Choose(Version.Parse(capability), driver, list, Version.Parse(ptx), "nvcc 12.8");
        Assert.Null(choice.Target);
        Assert.Contains(expected, choice.Reason, StringComparison.Ordinal);
        Assert.Contains("nvcc 12.8", choice.Reason, StringComparison.Ordinal);
        Assert.Contains(capability, choice.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Ptx_can_be_forced()
    {
        ImageChoice choice = ImageChoice.Choose(new Version(8, 0), 12040, All.Split(' '), new Version(7, 8), "nvcc", forcePtx: true);
        Assert.Equal(("compute_80", true), (choice.Target, choice.IsPtx));
        Assert.Contains("KSUITE_CUDA_FORCE_PTX", choice.Reason, StringComparison.Ordinal);
        Assert.Contains("KSUITE_CUDA_FORCE_PTX", ImageChoice.Choose(new Version(8, 0), 12040, ["sm_80"], new Version(7, 8), "nvcc", forcePtx: true).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(11040, "11.4", "7.4")]
    [InlineData(11080, "11.8", "7.8")]
    [InlineData(12020, "12.2", "8.2")]
    [InlineData(12050, "12.5", "8.5")]
    [InlineData(12060, "12.6", "8.5")]
    [InlineData(12080, "12.8", "8.7")]
    [InlineData(12090, "12.9", "8.8")]
    [InlineData(13000, "13.0", "9.0")]
    [InlineData(14010, "14.1", null)]
    public void Driver_numbers_are_read(int driver, string text, string? ptx)
    {
        Assert.Equal(text, DriverVersion.Format(driver));
        Assert.Equal(ptx is null ? null : Version.Parse(ptx), DriverVersion.NewestPtx(driver));
    }
}
