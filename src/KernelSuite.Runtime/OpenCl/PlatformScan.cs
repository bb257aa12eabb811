namespace KernelSuite.Runtime.OpenCl;

/// <summary>A device as the driver knows it.</summary>
/// <param name="Info">Facts, with the id by which this runtime opens it.</param>
/// <param name="Platform">The driver's platform.</param>
/// <param name="Device">The driver's device.</param>
/// <param name="PlatformVersion">Name and version of the platform; part of every cache key.</param>
internal sealed record FoundDevice(DeviceInfo Info, nint Platform, nint Device, string PlatformVersion);

/// <summary>Walks over platforms and devices. Numbers count every device of every platform, also those that cannot be opened.</summary>
internal static unsafe class PlatformScan
{
    private const int MaxPlatforms = 64;
    private const int MaxDevices = 256;

    public static List<FoundDevice> Run(List<LoadAttempt> attempts)
    {
        var found = new List<FoundDevice>();
        nint* platforms = stackalloc nint[MaxPlatforms];
        uint count = 0;
        int status = ClNative.clGetPlatformIDs(MaxPlatforms, platforms, &count);
        if (status != ClStatus.Success)
        {
            attempts.Add(new LoadAttempt("clGetPlatformIDs", false, status == ClStatus.PlatformNotFound
                ? $"{ClStatus.Describe(status)}: the ICD loader found no usable driver. On Debian: apt install pocl-opencl-icd."
                : ClStatus.Describe(status)));
            return found;
        }

        count = Math.Min(count, MaxPlatforms);
        if (count == 0) attempts.Add(new LoadAttempt("clGetPlatformIDs", false, "no platform"));
        int index = 0;
        for (uint i = 0; i < count; i++)
        {
            string label = $"platform {i}";
            try
            {
                ScanPlatform(platforms[i], ref label, ref index, found, attempts);
            }
            catch (DeviceException error)
            {
                attempts.Add(new LoadAttempt(label, false, error.Message));
            }
        }

        return found;
    }

    private static void ScanPlatform(nint platform, ref string label, ref int index, List<FoundDevice> found, List<LoadAttempt> attempts)
    {
        string name = ClInfo.Text(ClSubject.Platform, platform, ClConstants.PlatformName, label);
        string version = ClInfo.Text(ClSubject.Platform, platform, ClConstants.PlatformVersion, label);
        label = $"{label} '{name}'";
        nint* devices = stackalloc nint[MaxDevices];
        uint count = 0;
        int status = ClNative.clGetDeviceIDs(platform, ClConstants.DeviceTypeAll, MaxDevices, devices, &count);
        if (status != ClStatus.Success || count == 0)
        {
            attempts.Add(new LoadAttempt(label, false, $"{version}: no device, clGetDeviceIDs says {ClStatus.Describe(status)}"));
            return;
        }

        attempts.Add(new LoadAttempt(label, true, $"{version}: {count} device(s)"));
        for (uint i = 0; i < Math.Min(count, MaxDevices); i++)
        {
            var id = new DeviceId("opencl", index++);
            try
            {
                DeviceInfo info = Describe(devices[i], id);
                string? fault = Fault(devices[i], id);
                attempts.Add(new LoadAttempt(id.ToString(), fault is null, fault is null ? $"{info.Name}, driver {info.Driver}" : $"{info.Name}: {fault}"));
                if (fault is null) found.Add(new FoundDevice(info, platform, devices[i], $"{name} {version}"));
            }
            catch (DeviceException error)
            {
                attempts.Add(new LoadAttempt(id.ToString(), false, error.Message));
            }
        }
    }

    private static string? Fault(nint device, DeviceId id)
    {
        string label = id.ToString();
        if (ClInfo.Value<uint>(ClSubject.Device, device, ClConstants.DeviceAvailable, label) == 0) return "the driver says it is not available";
        if (ClInfo.Value<uint>(ClSubject.Device, device, ClConstants.DeviceCompilerAvailable, label) == 0) return "its driver has no compiler";
        return null;
    }

    private static DeviceInfo Describe(nint device, DeviceId id)
    {
        string label = id.ToString();
        string Text(uint name) => ClInfo.Text(ClSubject.Device, device, name, label);
        uint Number(uint name) => ClInfo.Value<uint>(ClSubject.Device, device, name, label);
        long Bytes(uint name) => (long)Math.Min(ClInfo.Value<ulong>(ClSubject.Device, device, name, label), long.MaxValue);

        ulong type = ClInfo.Value<ulong>(ClSubject.Device, device, ClConstants.DeviceType, label);
        return new DeviceInfo
        {
            Id = id,
            // Simulators claim to be everything at once; the CPU is what they run on.
            Language = DeviceLanguage.OpenClC,
            Kind = (type & ClConstants.DeviceTypeCpu) != 0 ? DeviceKind.Cpu
                : (type & ClConstants.DeviceTypeGpu) != 0 ? DeviceKind.Gpu
                : DeviceKind.Accelerator,
            Name = Text(ClConstants.DeviceName),
            Vendor = Text(ClConstants.DeviceVendor),
            Driver = Text(ClConstants.DriverVersion),
            Api = $"{Text(ClConstants.DeviceVersion)}, {Text(ClConstants.DeviceOpenClCVersion)}",
            ComputeUnits = (int)Math.Clamp(Number(ClConstants.DeviceMaxComputeUnits), 1, int.MaxValue),
            MaxWorkGroupSize = (int)Math.Clamp(ClInfo.Value<nuint>(ClSubject.Device, device, ClConstants.DeviceMaxWorkGroupSize, label), 1, int.MaxValue),
            LocalMemoryBytes = Bytes(ClConstants.DeviceLocalMemSize),
            GlobalMemoryBytes = Bytes(ClConstants.DeviceGlobalMemSize),
            MaxAllocationBytes = Bytes(ClConstants.DeviceMaxMemAllocSize),
            VectorWidthFloat32 = (int)Math.Clamp(Number(ClConstants.DeviceNativeVectorWidthFloat), 1, 1024),
            ClockMHz = (int)Math.Min(Number(ClConstants.DeviceMaxClockFrequency), int.MaxValue),
            Extensions = Text(ClConstants.DeviceExtensions).Split(' ', StringSplitOptions.RemoveEmptyEntries),
        };
    }
}
