namespace KernelSuite.Runtime.OpenCl;

/// <summary>How the OpenCL backend finds its library and where it keeps built programs.</summary>
public sealed record OpenClOptions
{
    /// <summary>
    /// Names or paths of the ICD loader, best first. By default the one that <c>KSUITE_OPENCL_LIBRARY</c> names, and only that; if it
    /// is not set, <c>libOpenCL.so.1</c> and then <c>libOpenCL.so</c>. A process binds one loader for its whole life.
    /// </summary>
    public IReadOnlyList<string> LibraryNames { get; init; } =
        Environment.GetEnvironmentVariable("KSUITE_OPENCL_LIBRARY") is { Length: > 0 } name ? [name] : ["libOpenCL.so.1", "libOpenCL.so"];

    /// <summary>Folder of the binary cache; null takes <see cref="KernelCache.DefaultFolder"/> and its sub-folder <c>opencl</c>.</summary>
    public string? CacheDirectory { get; init; }
}
