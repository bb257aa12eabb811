namespace KernelSuite.Runtime;

/// <summary>What sort of silicon a device is; launch heuristics turn on it.</summary>
public enum DeviceKind
{
    /// <summary>A general-purpose processor.</summary>
    Cpu,

    /// <summary>A graphics processor.</summary>
    Gpu,

    /// <summary>Anything else that a driver offers.</summary>
    Accelerator,

    /// <summary>A checker that executes GPU code on the host: what it computes counts, how long it takes does not.</summary>
    Emulator,
}

/// <summary>What a device executes; an operation picks its plan by it.</summary>
public enum DeviceLanguage
{
    /// <summary>Managed kernels (<c>ICpuKernel</c>); the device builds no programs.</summary>
    Managed,

    /// <summary>OpenCL C 1.2 as text, compiled when a program is built.</summary>
    OpenClC,

    /// <summary>CUDA C++, compiled when the suite was built: <see cref="ProgramSource.Images"/> or a host library.</summary>
    Cuda,
}

/// <summary>Facts about a device, read once. Pure data: heuristics and <c>Supports</c> use nothing else.</summary>
public sealed record DeviceInfo
{
    /// <summary>The id by which the device is opened.</summary>
    public required DeviceId Id { get; init; }

    /// <summary>CPU, GPU or other.</summary>
    public required DeviceKind Kind { get; init; }

    /// <summary>What the device executes.</summary>
    public required DeviceLanguage Language { get; init; }

    /// <summary>The product name.</summary>
    public required string Name { get; init; }

    /// <summary>The vendor as the driver states it.</summary>
    public string Vendor { get; init; } = string.Empty;

    /// <summary>Driver version; part of every cache key and of every stored number.</summary>
    public string Driver { get; init; } = string.Empty;

    /// <summary>API or language version, for example <c>OpenCL 3.0</c> or <c>.NET 10.0</c>.</summary>
    public string Api { get; init; } = string.Empty;

    /// <summary>CUDA compute capability, for example 9.0; null elsewhere.</summary>
    public Version? ComputeCapability { get; init; }

    /// <summary>Compute units (cores, SMs).</summary>
    public int ComputeUnits { get; init; } = 1;

    /// <summary>Largest work-group or block, in work-items.</summary>
    public int MaxWorkGroupSize { get; init; } = 1;

    /// <summary>Local (shared) memory a work-group may use, in bytes.</summary>
    public long LocalMemoryBytes { get; init; }

    /// <summary>Device memory in bytes.</summary>
    public long GlobalMemoryBytes { get; init; }

    /// <summary>Largest single allocation in bytes.</summary>
    public long MaxAllocationBytes { get; init; }

    /// <summary>Float lanes of the native vector unit (1 on SIMT devices).</summary>
    public int VectorWidthFloat32 { get; init; } = 1;

    /// <summary>Highest clock in MHz; 0 where unknown.</summary>
    public int ClockMHz { get; init; }

    /// <summary>Extension names.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [];
}

/// <summary>Memory of a device at one moment, in bytes.</summary>
/// <param name="Total">Installed.</param>
/// <param name="Free">Free; -1 where the driver does not say.</param>
public readonly record struct DeviceMemoryInfo(long Total, long Free);
