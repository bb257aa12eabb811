using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>Device code as a device wants it: text to compile for OpenCL, programs compiled ahead of time for CUDA.</summary>
public static class DeviceCode
{
    /// <summary>The version of OpenCL C that all portable text is held to, at build time too.</summary>
    private const string OpenClStandard = "-cl-std=CL1.2";

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
            DeviceLanguage.OpenClC => new ProgramSource(name, KernelText.Load(name), $"{OpenClStandard} {options}".TrimEnd()),
            DeviceLanguage.Cuda => new ProgramSource(name, string.Empty, options) { Images = NeedsImages(device) ? KernelImages.Find(name, options) : null },
            _ => throw new NotSupportedException($"{device.Id} runs managed kernels and builds no programs."),
        };
    }

    /// <summary>Whether a device can have a program: an assembly that was built without nvcc has none for a CUDA device.</summary>
    /// <inheritdoc cref="Source"/>
    public static Support Supports(DeviceInfo device, string name, string options)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (!NeedsImages(device) || KernelImages.Find(name, options) is not null) return Support.Yes;
        return Support.No(KernelImages.Programs.Count == 0
            ? "The suite was built without nvcc and has no CUDA programs. Install the CUDA toolkit (./build.sh build --with-cuda) and build again, or use the cpu device."
            : $"'{name}' was not compiled for CUDA with the options '{options}'. List them in the variants-cuda.txt beside it and build again.");
    }

    /// <summary>cudahost has its programs in a library of its own.</summary>
    private static bool NeedsImages(DeviceInfo device) => device is { Language: DeviceLanguage.Cuda, Kind: not DeviceKind.Emulator };
}
