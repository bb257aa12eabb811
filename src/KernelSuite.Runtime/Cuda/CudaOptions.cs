namespace KernelSuite.Runtime.Cuda;

/// <summary>How the CUDA backend finds its library and which of the compiled images it loads.</summary>
public sealed record CudaOptions
{
    /// <summary>
    /// Names or paths of the CUDA driver library, best first. By default the one that <c>KSUITE_CUDA_LIBRARY</c> names, and only that; if it
    /// is not set, <c>libcuda.so.1</c> and then <c>libcuda.so</c> (on Windows <c>nvcuda.dll</c>). A process binds one for its whole life.
    /// </summary>
    public IReadOnlyList<string> LibraryNames { get; init; } =
        Environment.GetEnvironmentVariable("KSUITE_CUDA_LIBRARY") is { Length: > 0 } name ? [name]
        : OperatingSystem.IsWindows() ? ["nvcuda.dll"]
        : ["libcuda.so.1", "libcuda.so"];

    /// <summary>
    /// Whether the driver compiles the PTX even where machine code is at hand; by default what <c>KSUITE_CUDA_FORCE_PTX=1</c> says. It is for
    /// trying how a program fares on a GPU newer than the compiler that built it.
    /// </summary>
    public bool ForcePtx { get; init; } = Environment.GetEnvironmentVariable("KSUITE_CUDA_FORCE_PTX") == "1";
}
