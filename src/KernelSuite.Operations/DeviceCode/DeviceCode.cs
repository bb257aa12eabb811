using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>Device code as a device wants it: text to compile for OpenCL, programs compiled ahead of time for CUDA.</summary>
public static class DeviceCode
{
    /// <summary>What to hand to <see cref="Device.BuildProgram"/>.</summary>
    /// <param name="device">Its language decides.</param>
    /// <param name="name">Path below kernels/, for example <c>attention/attention_forward.cl</c>.</param>
    /// <param name="options">Build options separated by single blanks. A CUDA program is found by them, in this order.</param>
    /// <exception cref="ArgumentException">No such text is embedded.</exception>
    /// <exception cref="CudaBundleException">The embedded CUDA programs cannot be read.</exception>
    /// <exception cref="NotSupportedException">The device runs managed kernels only.</exception>
    public static ProgramSource Source(DeviceInfo device, string name, string options)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(options);
        return device.Language switch
        {
            DeviceLanguage.OpenClC => new ProgramSource(name, KernelText.Load(name), options),
            DeviceLanguage.Cuda => new ProgramSource(name, string.Empty, options) { Images = KernelImages.Find(name, options) },
            _ => throw new NotSupportedException($"{device.Id} runs managed kernels and builds no programs."),
        };
    }
}
