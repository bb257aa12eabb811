namespace KernelSuite.Runtime.Cuda;

/// <summary>Traces that the NVIDIA driver leaves in the file system; read for diagnosis only.</summary>
internal static class DriverFiles
{
    /// <summary>
    /// Whether the kernel half of the driver runs. Where it does not, finding no device is the usual state of a machine without an NVIDIA GPU, with
    /// or without libcuda: distributions install that along with the CUDA toolkit. Elsewhere than on Linux it is not known and said to be false.
    /// </summary>
    public static bool KernelModuleIsLoaded => File.Exists("/proc/driver/nvidia/version");
}
