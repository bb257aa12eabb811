using System.Text;

namespace KernelSuite.Runtime.Cuda;

/// <summary>A device that the driver offers.</summary>
/// <param name="Info">What is known about it.</param>
/// <param name="Device">The driver's device handle.</param>
/// <param name="DriverVersion">What cuDriverGetVersion gave.</param>
/// <param name="Limits">What a launch may ask for.</param>
internal sealed record FoundDevice(DeviceInfo Info, int Device, int DriverVersion, LaunchLimits Limits);

/// <summary>
/// Asks a bound driver for its version and devices. Numbers are the driver's, after CUDA_VISIBLE_DEVICES has hidden and reordered them;
/// they count devices that cannot be opened too.
/// </summary>
internal static unsafe class DriverScan
{
    private const string Backend = "cuda";
    private const int MaxDevices = 256;
    private const int NameBytes = 256;

    /// <param name="attempts">Receives what was tried.</param>
    /// <param name="noDevice">Whether the driver works and says that there is no device.</param>
    public static List<FoundDevice> Run(List<LoadAttempt> attempts, out bool noDevice)
    {
        noDevice = false;
        var found = new List<FoundDevice>();
        int version = 0;
        int status = CudaNative.cuDriverGetVersion(&version);
        if (!Accept(attempts, "cuDriverGetVersion", status)) return found;
        string driver = $"driver {DriverVersion.Format(version)}";
        if (version < DriverVersion.Oldest)
        {
            attempts.Add(new LoadAttempt(driver, false,
                $"too old: it serves CUDA {DriverVersion.Format(version)} (number {version}), and {DriverVersion.Format(DriverVersion.Oldest)} "
                + $"(number {DriverVersion.Oldest}) or newer is needed. Update the NVIDIA driver to a package numbered 470 or higher."));
            return found;
        }

        int count = 0;
        status = CudaNative.cuInit(0);
        noDevice = status == CudaStatus.NoDevice;
        if (!Accept(attempts, "cuInit", status) || !Accept(attempts, "cuDeviceGetCount", CudaNative.cuDeviceGetCount(&count))) return found;
        noDevice = count == 0;
        attempts.Add(new LoadAttempt(driver, count > 0, count > 0 ? $"{count} device(s)" : $"no device. {CudaStatus.NextStep(CudaStatus.NoDevice)}{Visible()}"));
        for (int i = 0; i < Math.Min(count, MaxDevices); i++)
        {
            var id = new DeviceId(Backend, i);
            try
            {
                FoundDevice device = Describe(i, id, version, out string? fault);
                attempts.Add(new LoadAttempt(id.ToString(), fault is null, $"{device.Info.Name}, compute capability {device.Info.ComputeCapability}{fault}"));
                if (fault is null) found.Add(device);
            }
            catch (DeviceException error)
            {
                attempts.Add(new LoadAttempt(id.ToString(), false, error.Message));
            }
        }

        return found;
    }

    private static bool Accept(List<LoadAttempt> attempts, string call, int status)
    {
        if (status == CudaStatus.Success) return true;
        attempts.Add(new LoadAttempt(call, false, $"{CudaStatus.Describe(status)}. {CudaStatus.NextStep(status)}{(status == CudaStatus.NoDevice ? Visible() : string.Empty)}"));
        return false;
    }

    private static string Visible() => Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES") is { } value ? $" CUDA_VISIBLE_DEVICES is '{value}'." : string.Empty;

    private static FoundDevice Describe(int ordinal, DeviceId id, int version, out string? fault)
    {
        string label = id.ToString();
        int raw = 0;
        Check(CudaNative.cuDeviceGet(&raw, ordinal), "cuDeviceGet", label);
        int device = raw;
        int Read(DeviceAttribute attribute)
        {
            int value = 0;
            Check(CudaNative.cuDeviceGetAttribute(&value, attribute, device), "cuDeviceGetAttribute", $"{label}, {attribute}");
            return value;
        }

        byte* name = stackalloc byte[NameBytes];
        Check(CudaNative.cuDeviceGetName(name, NameBytes, device), "cuDeviceGetName", label);
        nuint memory = 0;
        Check(CudaNative.cuDeviceTotalMem_v2(&memory, device), "cuDeviceTotalMem_v2", label);
        long bytes = (long)Math.Min((ulong)memory, long.MaxValue);
        LaunchLimits limits = LaunchLimits.Read(Read);
        fault = Read(DeviceAttribute.ComputeMode) == CudaConstants.ComputeModeProhibited
            ? ": its compute mode forbids contexts; as root: nvidia-smi -c DEFAULT" : null;
        var info = new DeviceInfo
        {
            Id = id,
            Kind = DeviceKind.Gpu,
            Language = DeviceLanguage.Cuda,
            Name = Encoding.UTF8.GetString(new ReadOnlySpan<byte>(name, NameBytes).Slice(0, Length(name))),
            Vendor = "NVIDIA",
            Driver = $"driver {DriverVersion.Format(version)}",
            Api = $"CUDA {DriverVersion.Format(version)}",
            ComputeCapability = new Version(Math.Max(0, Read(DeviceAttribute.ComputeCapabilityMajor)), Math.Max(0, Read(DeviceAttribute.ComputeCapabilityMinor))),
            ComputeUnits = Math.Max(1, Read(DeviceAttribute.MultiprocessorCount)),
            MaxWorkGroupSize = Math.Max(1, Read(DeviceAttribute.MaxThreadsPerBlock)),
            LocalMemoryBytes = limits.SharedOptInBytes,
            GlobalMemoryBytes = bytes,
            MaxAllocationBytes = bytes,
            ClockMHz = Math.Max(0, Read(DeviceAttribute.ClockRate)) / 1000,
        };
        return new FoundDevice(info, device, version, limits);
    }

    private static int Length(byte* text) => new ReadOnlySpan<byte>(text, NameBytes).IndexOf((byte)0) is >= 0 and int end ? end : NameBytes;

    private static void Check(int status, string call, string details)
    {
        if (status != CudaStatus.Success)
            throw new DeviceException($"{call} ({details}) failed with {CudaStatus.Describe(status)}. {CudaStatus.NextStep(status)}", call, details, status);
    }
}
