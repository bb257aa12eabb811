namespace KernelSuite.Runtime;

/// <summary>
/// A way to reach devices. Implementations bind one driver API and nothing else; a further binding of the same API
/// (ManagedCuda, Silk.NET, ILGPU) is one more subclass in a project of its own, handed to <see cref="DeviceCatalog"/>.
/// </summary>
public abstract class Backend
{
    /// <summary>The name before the colon of a device id, lower case.</summary>
    public abstract string Name { get; }

    /// <summary>What somebody can do who expected devices of this backend and finds none; one or two sentences for <c>ksuite doctor</c>.</summary>
    public virtual string Advice => "The cpu device needs none of this.";

    /// <summary>Looks for the library and its devices. Never throws: what failed is in the trace.</summary>
    public abstract BackendProbe Probe();

    /// <summary>Opens a device that <see cref="Probe"/> listed.</summary>
    /// <exception cref="DeviceUnavailableException">It cannot be opened.</exception>
    public abstract Device Open(DeviceInfo info);
}

/// <summary>What a backend found.</summary>
/// <param name="Devices">The devices that can be opened.</param>
/// <param name="Trace">What was tried, with the loader's own words.</param>
public sealed record BackendProbe(IReadOnlyList<DeviceInfo> Devices, LoadTrace Trace)
{
    /// <summary>
    /// Whether nothing of what the backend binds is installed, on a machine where that is nothing unusual (no NVIDIA driver, say). A driver that is
    /// there and does not work is not absent.
    /// </summary>
    public bool IsAbsent { get; init; }
}
