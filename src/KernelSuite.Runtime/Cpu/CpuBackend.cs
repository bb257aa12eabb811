using System.Runtime.InteropServices;

namespace KernelSuite.Runtime.Cpu;

/// <summary>The backend of the managed CPU device.</summary>
/// <param name="options">How to open it; null reads the environment (see <see cref="CpuDeviceOptions.FromEnvironment"/>).</param>
public sealed class CpuBackend(CpuDeviceOptions? options = null) : Backend
{
    /// <inheritdoc/>
    public override string Name => "cpu";

    /// <inheritdoc/>
    public override BackendProbe Probe()
    {
        long memory = CpuFacts.ReadMemory().Total;
        var info = new DeviceInfo
        {
            Id = DeviceId.Cpu,
            Kind = DeviceKind.Cpu,
            Language = DeviceLanguage.Managed,
            Name = CpuFacts.ReadName(),
            Driver = RuntimeInformation.FrameworkDescription,
            Api = $"{RuntimeInformation.RuntimeIdentifier}, widest vector {CpuSimds.Best}",
            ComputeUnits = Environment.ProcessorCount,
            GlobalMemoryBytes = memory,
            MaxAllocationBytes = memory,
            VectorWidthFloat32 = (int)CpuSimds.Best,
        };
        return new BackendProbe([info], new LoadTrace([new LoadAttempt("managed kernels", true, info.Api)]));
    }

    /// <inheritdoc/>
    public override Device Open(DeviceInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        CpuDeviceOptions chosen = options ?? CpuDeviceOptions.FromEnvironment();
        return new CpuDevice(info with { VectorWidthFloat32 = (int)chosen.Simd }, chosen);
    }
}
