using KernelSuite.Runtime.Interop;

namespace KernelSuite.Runtime.OpenCl;

/// <summary>
/// Devices <c>opencl:0</c>, <c>opencl:1</c>, … over all platforms that the ICD loader offers. The library is loaded when
/// <see cref="Probe"/> is first called, never before.
/// </summary>
/// <param name="options">Where to look; null means the defaults of <see cref="OpenClOptions"/>.</param>
public sealed class OpenClBackend(OpenClOptions? options = null) : Backend
{
    private readonly OpenClOptions options = options ?? new OpenClOptions();

    /// <inheritdoc/>
    public override string Name => "opencl";

    /// <inheritdoc/>
    public override string Advice =>
        "The cpu device needs none of this. For OpenCL install a driver and the ICD loader (Debian: apt install ocl-icd-libopencl1 pocl-opencl-icd).";

    /// <summary>The on-disk cache of built programs.</summary>
    public KernelCache Cache { get; } = new(
        options?.CacheDirectory ?? (KernelCache.DefaultFolder is { } root ? Path.Combine(root, "opencl") : null));

    /// <inheritdoc/>
    public override BackendProbe Probe()
    {
        var attempts = new List<LoadAttempt>();
        List<FoundDevice> found = Scan(attempts);
        return new BackendProbe([.. found.Select(device => device.Info)], new LoadTrace(attempts));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The id is of another backend.</exception>
    public override Device Open(DeviceInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        if (info.Id.Backend != Name) throw new ArgumentException($"'{info.Id}' is not an OpenCL device.", nameof(info));
        var attempts = new List<LoadAttempt>();
        FoundDevice? device = Scan(attempts).Find(candidate => candidate.Info.Id == info.Id);
        var trace = new LoadTrace(attempts);
        if (device is null) throw new DeviceUnavailableException(info.Id.ToString(), $"Device '{info.Id}' is not here any more.", trace);
        try
        {
            return new OpenClDevice(device, Cache);
        }
        catch (DeviceException error) when (error is not DeviceUnavailableException)
        {
            attempts.Add(new LoadAttempt(error.Call, false, error.Message));
            throw new DeviceUnavailableException(info.Id.ToString(), $"Device '{info.Id}' was found but cannot be opened.", trace);
        }
    }

    private List<FoundDevice> Scan(List<LoadAttempt> attempts)
    {
        try
        {
            if (!NativeLoader.TryBind(ClNative.Library, options.LibraryNames, attempts))
            {
                attempts.Add(new LoadAttempt(
                    "OpenCL ICD loader", false, "not found. On Debian: apt install ocl-icd-libopencl1; elsewhere set KSUITE_OPENCL_LIBRARY to its path."));
                VendorFiles.Describe(attempts);
                return [];
            }

            VendorFiles.Describe(attempts);
            return PlatformScan.Run(attempts);
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException or BadImageFormatException)
        {
            attempts.Add(new LoadAttempt("OpenCL entry points", false, $"the library is not an OpenCL 1.2 loader: {error.Message}"));
            return [];
        }
    }
}
