using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.CudaHost.Tests;

/// <summary>
/// The programs of <c>tests/kernels</c>: on cudahost they are in a kernel library of their own, on CUDA devices in the bundles under
/// <c>artifacts/device-tests</c>. The build writes both.
/// </summary>
internal static class TestPrograms
{
    private static readonly string? Root = FindRoot();
    private static readonly ConcurrentDictionary<string, Lazy<CudaBundle>> Bundles = new();

    /// <summary>The source to build on a device. Skips where the toolkit at hand cannot compile the program for CUDA devices.</summary>
    /// <param name="device">A device that takes CUDA programs.</param>
    /// <param name="name">Path below <c>tests/kernels</c>, for example <c>gemm/gemm_64.cu</c>.</param>
    /// <param name="options">Build options as in <c>variants-cuda.txt</c>, separated by single blanks.</param>
    public static ProgramSource Source(Device device, string name, string options = "")
    {
        Assert.Equal(DeviceLanguage.Cuda, device.Info.Language);
        var source = new ProgramSource(name, string.Empty, options);
        if (device.Info.Kind == DeviceKind.Emulator) return source;
        string family = name[..name.IndexOf('/', StringComparison.Ordinal)];
        string file = BundleFile(family);
        ProgramImages? images = Bundles.GetOrAdd(file, path => new Lazy<CudaBundle>(() => CudaBundle.Open(path))).Value.Find(name, options);
        Skip.If(images is null, $"{file} has no '{name} {options}': the toolkit that made it cannot compile it (see variants-cuda.txt).");
        return source with { Images = images };
    }

    /// <summary>A family's bundle of compiled test kernels. Skips where none was built, or fails where <c>KSUITE_REQUIRE_CUDA=1</c> demands it.</summary>
    public static string BundleFile(string family)
    {
        string file = Path.Combine(Root ?? string.Empty, "artifacts", "device-tests", "cuda", $"{family}.zip");
        if (File.Exists(file)) return file;
        string reason = $"The bundle of '{family}' was not built: test kernels for CUDA devices need nvcc and KSUITE_TEST_KERNELS.";
        Assert.True(Environment.GetEnvironmentVariable("KSUITE_REQUIRE_CUDA") != "1", reason);
        Skip.If(true, reason);
        return file;
    }

    /// <summary>Points cudahost to the build's libraries, unless the environment already says where they are.</summary>
    [ModuleInitializer]
    internal static void PointToLibraries()
    {
        if (Root is null) return;
        string native = Path.Combine(Root, "artifacts", "native");
        SetUnlessSet("KSUITE_CUDAHOST_LIBRARY", Path.Combine(native, "libksuite_cudahost.so"));
        SetUnlessSet("KSUITE_CUDAHOST_KERNELS", Path.Combine(native, "libksuite_test_kernels_cudahost.so"));
    }

    private static void SetUnlessSet(string variable, string file)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable)) && File.Exists(file)) Environment.SetEnvironmentVariable(variable, file);
    }

    private static string? FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "KernelSuite.sln"))) return folder.FullName;
        return null;
    }
}
