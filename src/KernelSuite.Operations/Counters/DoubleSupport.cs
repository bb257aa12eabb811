using KernelSuite.Runtime;

namespace KernelSuite.Operations.Counters;

/// <summary>Whether a device computes in double precision: every CUDA device does, an OpenCL device says so.</summary>
internal static class DoubleSupport
{
    /// <summary>Null where the device computes in a dtype; otherwise why not.</summary>
    public static string? Missing(DeviceInfo device, DType dtype)
    {
        if (dtype != DType.Float64 || device.Language != DeviceLanguage.OpenClC || device.Extensions.Contains("cl_khr_fp64")) return null;
        return $"{device.Name} has no double precision (cl_khr_fp64). Use the cpu device.";
    }
}
