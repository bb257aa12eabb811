namespace KernelSuite.Runtime;

/// <summary>The devices of this machine: finds them, chooses one, opens it. A device is chosen, never fallen into.</summary>
/// <param name="backends">The backends to ask, in no particular order.</param>
public sealed class DeviceCatalog(params IReadOnlyList<Backend> backends)
{
    /// <summary>The built-in backends.</summary>
    public static DeviceCatalog Default { get; } =
        new(new Cpu.CpuBackend(), new OpenCl.OpenClBackend(), new CudaHost.CudaHostBackend(), new Cuda.CudaBackend());

    /// <summary>The backends asked.</summary>
    public IReadOnlyList<Backend> Backends { get; } = backends;

    /// <summary>Every device that can be opened.</summary>
    public IReadOnlyList<DeviceInfo> Enumerate() => [.. Backends.SelectMany(backend => backend.Probe().Devices)];

    /// <summary>
    /// Chooses for <c>auto</c>: a CUDA device, else an OpenCL GPU, else the managed CPU. OpenCL on a CPU is never chosen
    /// by itself: the managed kernels are as fast there and need no driver.
    /// </summary>
    /// <returns>The device and one sentence that says why.</returns>
    public (DeviceInfo Device, string Reason) Choose() => Choose(Enumerate());

    /// <summary>The rule of <see cref="Choose()"/> as a pure function.</summary>
    /// <exception cref="DeviceUnavailableException">The list has no device that the rule accepts.</exception>
    public static (DeviceInfo Device, string Reason) Choose(IReadOnlyList<DeviceInfo> devices)
    {
        ArgumentNullException.ThrowIfNull(devices);
        if (devices.FirstOrDefault(d => d.Id.Backend == "cuda") is { } cuda)
            return (cuda, $"{cuda.Id} chosen: the first CUDA device.");
        if (devices.FirstOrDefault(d => d is { Id.Backend: "opencl", Kind: DeviceKind.Gpu }) is { } gpu)
            return (gpu, $"{gpu.Id} chosen: no CUDA device, the first OpenCL GPU.");
        if (devices.FirstOrDefault(d => d.Id.Backend == "cpu") is { } cpu)
            return (cpu, $"{cpu.Id} chosen: neither a CUDA device nor an OpenCL GPU was found.");
        throw new DeviceUnavailableException("auto", "No device was found, not even the managed cpu device. Add CpuBackend to the catalog.", LoadTrace.Empty);
    }

    /// <summary>Opens a device by id.</summary>
    /// <param name="id"><c>auto</c>, <c>cpu</c>, <c>opencl:0</c>, …; a backend name alone means its first device.</param>
    /// <exception cref="ArgumentException"><paramref name="id"/> is malformed or names no known backend.</exception>
    /// <exception cref="DeviceUnavailableException">There is no such device; carries the load trace.</exception>
    public Device Open(string id = "auto") => Open(Find(id));

    /// <summary>Opens a device that this catalog listed.</summary>
    /// <exception cref="ArgumentException">The device is of another catalog's backend.</exception>
    /// <exception cref="DeviceUnavailableException">It cannot be opened; carries the load trace.</exception>
    public Device Open(DeviceInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        return BackendOf(info.Id, info.Id.ToString()).Open(info);
    }

    /// <summary>Finds a device by id without opening it.</summary>
    /// <inheritdoc cref="Open(string)"/>
    public DeviceInfo Find(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (string.Equals(id, "auto", StringComparison.OrdinalIgnoreCase)) return Choose().Device;
        DeviceId wanted = DeviceId.Parse(id);
        BackendProbe probe = BackendOf(wanted, id).Probe();
        if (probe.Devices.FirstOrDefault(d => wanted.Index < 0 || d.Id.Index == wanted.Index) is { } info) return info;

        string found = probe.Devices.Count == 0 ? "none" : string.Join(", ", probe.Devices.Select(d => d.Id.ToString()));
        throw new DeviceUnavailableException(
            id, $"Device '{id}' is not here (found: {found}). Run 'ksuite doctor' for the whole picture, or use '--device cpu'.", probe.Trace);
    }

    private Backend BackendOf(DeviceId id, string text) => Backends.FirstOrDefault(b => b.Name == id.Backend)
        ?? throw new ArgumentException($"'{text}' names no known backend. Known: {string.Join(", ", Backends.Select(b => b.Name))}.", nameof(id));
}
