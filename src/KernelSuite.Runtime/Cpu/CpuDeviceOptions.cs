using System.Globalization;

namespace KernelSuite.Runtime.Cpu;

/// <summary>How the managed CPU device is opened.</summary>
public sealed record CpuDeviceOptions
{
    /// <summary>Most threads a device may have; a guard against absurd settings.</summary>
    public const int MaxThreads = 1024;

    /// <summary>Threads that work on a launch, the caller's included; 0 means one for each processor.</summary>
    public int Threads { get; init; }

    /// <summary>Widest vector to use.</summary>
    public CpuSimd Simd { get; init; } = CpuSimds.Best;

    /// <summary>
    /// The options set by the environment: <c>KSUITE_CPU_THREADS</c> (1 to 1024) and <c>KSUITE_CPU_SIMD</c> (512, 256, 128 or scalar).
    /// </summary>
    /// <exception cref="ArgumentException">A variable is set to something else, or to a width that this machine lacks.</exception>
    public static CpuDeviceOptions FromEnvironment()
    {
        var options = new CpuDeviceOptions();
        if (Environment.GetEnvironmentVariable("KSUITE_CPU_THREADS") is { Length: > 0 } threads)
        {
            if (!int.TryParse(threads, NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count is < 1 or > MaxThreads)
                throw new ArgumentException($"KSUITE_CPU_THREADS is '{threads}'. Expected 1 to {MaxThreads}; unset it for one thread per processor.");
            options = options with { Threads = count };
        }

        if (Environment.GetEnvironmentVariable("KSUITE_CPU_SIMD") is { Length: > 0 } simd)
        {
            CpuSimd wanted = simd.ToLowerInvariant() switch
            {
                "512" => CpuSimd.Vector512,
                "256" => CpuSimd.Vector256,
                "128" => CpuSimd.Vector128,
                "scalar" => CpuSimd.Scalar,
                _ => throw new ArgumentException($"KSUITE_CPU_SIMD is '{simd}'. Expected 512, 256, 128 or scalar."),
            };
            if (wanted > CpuSimds.Best)
                throw new ArgumentException($"KSUITE_CPU_SIMD asks for {wanted}, but this machine's widest is {CpuSimds.Best}.");
            options = options with { Simd = wanted };
        }

        return options;
    }
}
