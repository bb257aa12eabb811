using System.Runtime.CompilerServices;

namespace KernelSuite.Cuda.Tests;

/// <summary>
/// Points the CUDA backend at the fake driver before anything asks for devices: the one that <c>KSUITE_FAKE_CUDA_LIBRARY</c> names, else the one
/// in artifacts/native. Where there is none these tests are skipped by name, or fail if <c>KSUITE_REQUIRE_CUDAHOST=1</c> is set, as in CI.
/// A real driver is never used: the tests would fail on it.
/// </summary>
internal static class FakeLibrary
{
    private const string FileName = "libksuite_fakecuda.so";

    /// <summary>The library's path, whether or not it is there.</summary>
    public static string Path { get; } = Environment.GetEnvironmentVariable("KSUITE_FAKE_CUDA_LIBRARY") is { Length: > 0 } given ? given : InArtifacts();

    /// <summary>Skips or fails the running test where the library is not there.</summary>
    public static void Require()
    {
        if (File.Exists(Path)) return;
        string reason = $"{Path} is not there: this test of the CUDA backend did not run. Build it: cmake -S native/fakecuda -B artifacts/build/fakecuda && cmake --build artifacts/build/fakecuda.";
        if (Environment.GetEnvironmentVariable("KSUITE_REQUIRE_CUDAHOST") == "1") Assert.Fail(reason);
        Skip.If(true, reason);
    }

    [ModuleInitializer]
    internal static void Point()
    {
        // Children get their library from the test that starts them.
        if (Environment.GetEnvironmentVariable("KSUITE_CUDA_CHILD") != "1") Environment.SetEnvironmentVariable("KSUITE_CUDA_LIBRARY", Path);
    }

    private static string InArtifacts()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (folder.Name == "artifacts") return System.IO.Path.Combine(folder.FullName, "native", FileName);
        }

        return System.IO.Path.Combine("artifacts", "native", FileName);
    }
}
