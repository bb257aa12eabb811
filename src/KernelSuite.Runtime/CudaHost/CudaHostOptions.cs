using System.Globalization;

namespace KernelSuite.Runtime.CudaHost;

/// <summary>How the cudahost backend finds its libraries and runs kernels.</summary>
public sealed record CudaHostOptions
{
    /// <summary>Most threads that may run blocks; a guard against absurd settings.</summary>
    public const int MaxWorkers = 256;

    /// <summary>Longest time limit of a launch: a day.</summary>
    public const int MaxTimeoutSeconds = 86400;

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

    /// <summary>
    /// Seconds after which a launch is stopped with a <see cref="KernelFaultKind.Timeout"/> that says where each thread is; 0 means never.
    /// A loop without a load, store, barrier or warp operation cannot be stopped.
    /// </summary>
    public int TimeoutSeconds { get; init; }

    /// <summary>
    /// The options set by the environment: <c>KSUITE_CUDAHOST_WORKERS</c> (1 to 256), <c>KSUITE_CUDAHOST_TIMEOUT</c> (seconds, 1 to 86400) and
    /// <c>KSUITE_CUDAHOST_RACES</c> (0 or 1).
    /// </summary>
    /// <exception cref="ArgumentException">A variable is set to something else.</exception>
    public static CudaHostOptions FromEnvironment()
    {
        var options = new CudaHostOptions();
        if (Number("KSUITE_CUDAHOST_WORKERS", MaxWorkers, "one thread per processor") is { } workers) options = options with { Workers = workers };
        if (Number("KSUITE_CUDAHOST_TIMEOUT", MaxTimeoutSeconds, "launches without a limit") is { } seconds) options = options with { TimeoutSeconds = seconds };
        return Environment.GetEnvironmentVariable("KSUITE_CUDAHOST_RACES") switch
        {
            null or "" or "0" => options,
            "1" => options with { CheckRaces = true },
            string other => throw new ArgumentException($"KSUITE_CUDAHOST_RACES is '{other}'. Expected 0 or 1."),
        };
    }

    private static int? Number(string variable, int most, string whenUnset)
    {
        if (Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } text) return null;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value < 1 || value > most)
            throw new ArgumentException($"{variable} is '{text}'. Expected 1 to {most}; unset it for {whenUnset}.");
        return value;
    }
}
