namespace KernelSuite.Operations.Tests.DeviceCode;

/// <summary>
/// The CUDA programs that the build made. A test that needs them is skipped by name where there was no nvcc, unless
/// <c>KSUITE_REQUIRE_CUDA=1</c> is set, as in CI: then it fails. Use with SkippableFact.
/// </summary>
internal static class CudaPrograms
{
    /// <summary>The programs in the assembly.</summary>
    public static IReadOnlyList<BundledProgram> Embedded()
    {
        Demand(KernelImages.Programs.Count > 0, "The assembly was built without CUDA programs.");
        return KernelImages.Programs;
    }

    /// <summary>The bundles of tests/kernels/.</summary>
    public static IReadOnlyList<CudaBundle> OfTests()
    {
        string folder = RepositoryPath("artifacts", "device-tests", "cuda");
        string[] files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.zip") : [];
        Demand(files.Length > 0, $"There is no bundle in {folder}: the CMake step compiled no test kernels.");
        return [.. files.Order(StringComparer.Ordinal).Select(CudaBundle.Open)];
    }

    /// <summary>A file of the repository.</summary>
    public static string RepositoryPath(params string[] parts) => Path.GetFullPath(Path.Combine([Golden.Path("..", ".."), .. parts]));

    private static void Demand(bool met, string reason)
    {
        if (met) return;
        if (Environment.GetEnvironmentVariable("KSUITE_REQUIRE_CUDA") == "1") Assert.Fail($"{reason} KSUITE_REQUIRE_CUDA demands them; run ./build.sh test.");
        Skip.If(true, reason);
    }
}
