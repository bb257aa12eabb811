using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>What <see cref="ValidationRunner"/> and <see cref="Benchmarker"/> are asked to do.</summary>
public sealed record SuiteRequest
{
    /// <summary>Where devices are opened.</summary>
    public DeviceCatalog Catalog { get; init; } = DeviceCatalog.Default;

    /// <summary>The operations to choose from.</summary>
    public IReadOnlyList<Operation> Operations { get; init; } = OperationCatalog.All;

    /// <summary>The devices to run on, from <see cref="DeviceSelection"/>.</summary>
    public required IReadOnlyList<DeviceInfo> Devices { get; init; }

    /// <summary>Operations, cases, dtypes and implementations.</summary>
    public CaseSelection Selection { get; init; } = new();

    /// <summary>Seed of the inputs.</summary>
    public ulong Seed { get; init; } = Validator.DefaultSeed;

    /// <summary>The command line, for the report.</summary>
    public string Command { get; init; } = string.Empty;
}
