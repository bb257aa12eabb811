using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>A device as reports show it.</summary>
/// <param name="Id">Id by which it is opened.</param>
/// <param name="Name">Product name.</param>
/// <param name="Kind"><c>cpu</c>, <c>gpu</c>, <c>accelerator</c> or <c>emulator</c>.</param>
/// <param name="Vendor">Vendor as the driver states it.</param>
/// <param name="Driver">Driver version.</param>
/// <param name="Api">API or language version.</param>
/// <param name="ComputeUnits">Compute units.</param>
/// <param name="ClockMhz">Highest clock in MHz; null where unknown.</param>
/// <param name="GlobalMemoryBytes">Device memory in bytes.</param>
/// <param name="MaxAllocationBytes">Largest single allocation in bytes.</param>
/// <param name="LocalMemoryBytes">Local memory of a work-group in bytes.</param>
/// <param name="MaxWorkGroupSize">Largest work-group in work-items.</param>
/// <param name="VectorWidthFloat32">Float lanes of the native vector unit.</param>
/// <param name="ComputeCapability">CUDA compute capability, for example 9.0; null elsewhere.</param>
public sealed record DeviceRecord(
    string Id,
    string Name,
    string Kind,
    string Vendor,
    string Driver,
    string Api,
    int ComputeUnits,
    int? ClockMhz,
    long GlobalMemoryBytes,
    long MaxAllocationBytes,
    long LocalMemoryBytes,
    int MaxWorkGroupSize,
    int VectorWidthFloat32,
    string? ComputeCapability)
{
    /// <summary>The record of a device.</summary>
    public static DeviceRecord Of(DeviceInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        return new DeviceRecord(
            info.Id.ToString(), info.Name, KindName(info.Kind), info.Vendor, info.Driver, info.Api, info.ComputeUnits,
            info.ClockMHz > 0 ? info.ClockMHz : null, info.GlobalMemoryBytes, info.MaxAllocationBytes, info.LocalMemoryBytes,
            info.MaxWorkGroupSize, info.VectorWidthFloat32, info.ComputeCapability?.ToString());
    }

    /// <summary>Whether times taken on it mean nothing.</summary>
    internal bool IsEmulator => Kind == KindName(DeviceKind.Emulator);

    private static string KindName(DeviceKind kind) => kind switch
    {
        DeviceKind.Cpu => "cpu",
        DeviceKind.Gpu => "gpu",
        DeviceKind.Emulator => "emulator",
        _ => "accelerator",
    };
}
