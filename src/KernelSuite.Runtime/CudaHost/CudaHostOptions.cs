using System.Globalization;

namespace KernelSuite.Runtime.CudaHost;

/// <summary>How the cudahost backend finds its libraries and runs kernels.</summary>
public sealed record CudaHostOptions
{
    /// <summary>Most threads that may run blocks; a guard against absurd settings.</summary>
    public const int MaxWorkers = 256;

    private const string RuntimeFile = "libksuite_cudahost.so";
    private const string KernelsFile = "libksuite_kernels_cudahost.so";

    /// <summary>
    /// Names or paths of the runtime library, best first. By default the one that <c>KSUITE_CUDAHOST_LIBRARY</c> names, and only that; if
    /// it is not set, the one beside the program. A process binds one for its whole life.
    /// </summary>
    public IReadOnlyList<string> LibraryNames { get; init; } =
        Environment.GetEnvironmentVariable("KSUITE_CUDAHOST_LIBRARY") is { Length: > 0 } name ? [name] : [Path.Combine(AppContext.BaseDirectory, RuntimeFile)];

    /// <summary>
    /// Paths of libraries with kernels. By default the suite's own, beside the program, and those that <c>KSUITE_CUDAHOST_KERNELS</c> names
    /// (separated like <c>PATH</c>).
    /// </summary>
    public IReadOnlyList<string> KernelLibraries { get; init; } =
    [
        Path.Combine(AppContext.BaseDirectory, KernelsFile),
        .. (Environment.GetEnvironmentVariable("KSUITE_CUDAHOST_KERNELS") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
    ];

    /// <summary>Threads that run blocks; 0 means one for each processor. With 1 every run is in the same order.</summary>
    public int Workers { get; init; }

    /// <summary>Whether races in shared memory are looked for; slower.</summary>
    public bool CheckRaces { get; init; }

    /// <summary>The options set by the environment: <c>KSUITE_CUDAHOST_WORKERS</c> (1 to 256) and <c>KSUITE_CUDAHOST_RACES</c> (0 or 1).</summary>
    /// <exception cref="ArgumentException">A variable is set to something else.</exception>
    public static CudaHostOptions FromEnvironment()
    {
        var options = new CudaHostOptions();
        if (Environment.GetEnvironmentVariable("KSUITE_CUDAHOST_WORKERS") is { Length: > 0 } workers)
        {
            if (!int.TryParse(workers, NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count is < 1 or > MaxWorkers)
                throw new ArgumentException($"KSUITE_CUDAHOST_WORKERS is '{workers}'. Expected 1 to {MaxWorkers}; unset it for one thread per processor.");
            options = options with { Workers = count };
        }

        return Environment.GetEnvironmentVariable("KSUITE_CUDAHOST_RACES") switch
        {
            null or "" or "0" => options,
            "1" => options with { CheckRaces = true },
            string other => throw new ArgumentException($"KSUITE_CUDAHOST_RACES is '{other}'. Expected 0 or 1."),
        };
    }
}
