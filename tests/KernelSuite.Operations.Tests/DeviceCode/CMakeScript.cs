using System.ComponentModel;
using System.Diagnostics;

namespace KernelSuite.Operations.Tests.DeviceCode;

/// <summary>Runs pieces of cmake/ by themselves. A test is skipped where there is no CMake; use with SkippableFact.</summary>
internal static class CMakeScript
{
    /// <summary>Runs <c>cmake</c> and gives what it printed; with <paramref name="fails"/> it has to fail, and its errors are given.</summary>
    /// <param name="arguments">What follows <c>cmake</c>; <c>-P</c> and a script are among it.</param>
    /// <param name="fails">Whether it has to fail.</param>
    /// <param name="folder">The working folder, which is CMAKE_BINARY_DIR; null for that of the test.</param>
    /// <param name="environment">Variables to set, or to unset where null.</param>
    public static string Run(
        IReadOnlyList<string> arguments, bool fails = false, string? folder = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo("cmake", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? string.Empty };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>()) start.Environment[name] = value;
        try
        {
            using Process cmake = Process.Start(start)!;
            Task<string> errors = cmake.StandardError.ReadToEndAsync();
            string output = cmake.StandardOutput.ReadToEnd();
            cmake.WaitForExit();
            Assert.True(fails == (cmake.ExitCode != 0), errors.Result);
            return fails ? errors.Result : output;
        }
        catch (Win32Exception)
        {
            throw new SkipException("There is no cmake on the PATH.");
        }
    }
}
