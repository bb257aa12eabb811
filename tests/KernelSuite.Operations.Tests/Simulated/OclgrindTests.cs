using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Simulated;

/// <summary>Our kernels under oclgrind: no race, no access out of bounds.</summary>
public sealed class OclgrindTests
{
    /// <summary>oclgrind's own platform library; its wrapper script preloads it, which does not reach a loader opened at run time.</summary>
    private const string Library = "/usr/lib/oclgrind/liboclgrind-rt.so";

    /// <summary>A family of kernels, how many runs there are at least, and what has to be among them.</summary>
    [SkippableTheory]
    [InlineData("attention", 12, "simulator-band")]
    [InlineData("decode", 12, "simulator-int4-paged")]
    [InlineData("scoring", 15, "simulator-moments-padding")]
    [InlineData("selection", 6, "ragged")]
    [InlineData("storage", 38, "paged-7-map")]
    public void A_family_is_clean_and_right(string family, int runs, string included)
    {
        (int exit, string output) = Run("simulate", family);
        Assert.Contains("Oclgrind", output, StringComparison.Ordinal);
        Assert.True(exit == 0 && !IsReport(output), output);
        Assert.Contains(included, output, StringComparison.Ordinal);
        Assert.True(output.Split(": Pass").Length - 1 >= runs, output);
    }

    [SkippableTheory]
    [InlineData("race", "data race")]
    [InlineData("bounds", "Invalid write")]
    public void A_planted_fault_is_reported(string fault, string words)
    {
        (_, string output) = Run("planted", fault);
        Assert.True(IsReport(output), output);
        Assert.Contains(words, output, StringComparison.Ordinal);
    }

    private static bool IsReport(string output) =>
        output.Contains("Invalid", StringComparison.Ordinal) || output.Contains("data race", StringComparison.Ordinal)
        || output.Contains("Oclgrind - OpenCL runtime error", StringComparison.Ordinal);

    private static (int ExitCode, string Output) Run(params string[] arguments)
    {
        if (!File.Exists(Library))
        {
            string reason = $"{Library} is not here: nothing ran under oclgrind. On Debian: apt-get install oclgrind.";
            if (TestDevices.OpenClRequired) Assert.Fail(reason);
            Skip.If(true, reason);
        }

        // At its default optimisation oclgrind 21.10 meets instructions that it interprets wrongly. Its check of uninitialised reads is left
        // off: it keeps the shadow of a freed buffer for the next, larger one of the same number, and reports what lies beyond.
        return ChildProcess.Run(
            arguments,
            ("KSUITE_OPENCL_LIBRARY", Library),
            ("OCLGRIND_BUILD_OPTIONS", "-cl-opt-disable -Dalways_inline=noinline"),
            ("OCLGRIND_DATA_RACES", "1"),
            ("OCLGRIND_CHECK_API", "1"));
    }
}
