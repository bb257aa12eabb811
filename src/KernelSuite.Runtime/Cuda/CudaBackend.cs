using KernelSuite.Runtime.Interop;

namespace KernelSuite.Runtime.Cuda;

/// <summary>
/// Devices <c>cuda:0</c>, <c>cuda:1</c>, … of the NVIDIA driver, numbered as CUDA numbers them (CUDA_VISIBLE_DEVICES counts). The library
/// is loaded when <see cref="Probe"/> is first called, never before.
/// </summary>
/// <param name="options">Where to look and what to load; null means the defaults of <see cref="CudaOptions"/>.</param>
public sealed class CudaBackend(CudaOptions? options = null) : Backend
{
    private readonly CudaOptions options = options ?? new CudaOptions();

    /// <inheritdoc/>
    public override string Name => "cuda";

    /// <inheritdoc/>
    public override string Advice => "The other devices need none of this. For CUDA see that 'nvidia-smi' works, that the driver is 470 or newer "
        + "(CUDA 11.4), and that CUDA_VISIBLE_DEVICES and KSUITE_CUDA_LIBRARY are unset or right.";

    /// <inheritdoc/>
    public override BackendProbe Probe()
    {
        var attempts = new List<LoadAttempt>();
        List<FoundDevice> found = Scan(attempts, out bool absent);
        return new BackendProbe([.. found.Select(device => device.Info)], new LoadTrace(attempts)) { IsAbsent = absent };
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The id is of another backend.</exception>
    public override Device Open(DeviceInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        if (info.Id.Backend != Name) throw new ArgumentException($"'{info.Id}' is not a CUDA device.", nameof(info));
        var attempts = new List<LoadAttempt>();
        FoundDevice? device = Scan(attempts, out _).Find(candidate => candidate.Info.Id == info.Id);
        var trace = new LoadTrace(attempts);
        if (device is null) throw new DeviceUnavailableException(info.Id.ToString(), $"Device '{info.Id}' is not here any more.", trace);
        try
        {
            return new CudaDevice(device, options.ForcePtx);
        }
        catch (DeviceException error)
        {
            attempts.Add(new LoadAttempt(error.Call, false, error.Message));
            throw new DeviceUnavailableException(info.Id.ToString(), $"Device '{info.Id}' was found but cannot be opened.", trace);
        }
    }

    /// <param name="attempts">Receives what was tried.</param>
    /// <param name="absent">Whether there is no GPU to drive, which is how most machines are, as opposed to a driver that does not work.</param>
    private List<FoundDevice> Scan(List<LoadAttempt> attempts, out bool absent)
    {
        absent = false;
        // A library that the user named is one that should have worked.
        bool usual = Environment.GetEnvironmentVariable("KSUITE_CUDA_LIBRARY") is not { Length: > 0 } && !DriverFiles.KernelModuleIsLoaded;
        try
        {
            if (NativeLoader.TryBind(CudaNative.Library, options.LibraryNames, attempts))
            {
                List<FoundDevice> found = DriverScan.Run(attempts, out bool noDevice);
                absent = usual && noDevice;
                return found;
            }

            absent = usual;
            attempts.Add(new LoadAttempt("NVIDIA driver", false, DriverFiles.KernelModuleIsLoaded
                ? "its kernel module is loaded, but its library is not found: install the driver's libcuda.so.1 (Debian: apt install libcuda1), or set KSUITE_CUDA_LIBRARY to its path."
                : "not installed. It comes with the driver of an NVIDIA GPU; set KSUITE_CUDA_LIBRARY where libcuda.so.1 lies outside the library path."));
            return [];
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException or BadImageFormatException)
        {
            attempts.Add(new LoadAttempt("CUDA entry points", false, $"the library is not a CUDA {DriverVersion.Format(DriverVersion.Oldest)} driver: {error.Message}"));
            return [];
        }
    }
}
