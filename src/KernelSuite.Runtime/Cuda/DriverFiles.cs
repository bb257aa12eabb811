namespace KernelSuite.Runtime.Cuda;

/// <summary>Traces that the NVIDIA driver leaves in the file system; read for diagnosis only.</summary>
internal static class DriverFiles
{
    /// <summary>Whether the kernel half of the driver runs. Where it does, a missing library is a fault and not the usual absence.</summary>
    public static bool KernelModuleIsLoaded => OperatingSystem.IsLinux() && (File.Exists("/proc/driver/nvidia/version") || File.Exists("/dev/nvidiactl"));
}
