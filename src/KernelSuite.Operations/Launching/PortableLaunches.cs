using KernelSuite.Runtime;

namespace KernelSuite.Operations.Launching;

/// <summary>
/// What a plan has on a device with programs: programs, kernels, workspace, and the event that lets a timing span several launches. All of it is
/// owned from the moment it is made and released in the reverse order: by <see cref="Dispose"/>, or, where the next thing cannot be made, by the call
/// that fails. So a plan's constructor that throws half-way leaves nothing behind and takes no care of it.
/// </summary>
/// <param name="device">Where the plan runs.</param>
internal sealed class PortableLaunches(Device device) : IDisposable
{
    private readonly Stack<IDisposable> held = new();
    private readonly Dictionary<(string Name, string Options), DeviceProgram> programs = [];
    private DeviceEvent? first;

    public Device Device => device;

    /// <summary>Bytes of all workspace.</summary>
    public long WorkspaceBytes { get; private set; }

    /// <summary>Allocates workspace.</summary>
    /// <exception cref="DeviceOutOfMemoryException">It does not fit.</exception>
    public DeviceMemory Allocate(DType dtype, long length)
    {
        DeviceMemory memory = Hold(() => device.Allocate(dtype, length));
        WorkspaceBytes += memory.ByteLength;
        return memory;
    }

    /// <summary>Makes a kernel. Kernels with the same text and options share a program.</summary>
    /// <param name="name">The program's text, below kernels/.</param>
    /// <param name="options">Its build options.</param>
    /// <param name="entry">The kernel's name.</param>
    /// <param name="constants">Sets the arguments that no launch changes.</param>
    public DeviceKernel Kernel(string name, string options, string entry, Action<DeviceKernel>? constants = null)
    {
        first ??= Hold(device.CreateEvent);
        if (!programs.TryGetValue((name, options), out DeviceProgram? program))
            programs.Add((name, options), program = Hold(() => device.BuildProgram(DeviceCode.Source(device.Info, name, options))));
        return Hold(() => program.CreateKernel(entry), constants);
    }

    /// <summary>Begins the launches of a call; there is a kernel by now.</summary>
    public LaunchSequence Begin(DeviceStream stream, DeviceEvent? timing) => new(stream, timing, first!);

    public void Dispose()
    {
        while (held.TryPop(out IDisposable? last)) last.Dispose();
    }

    private T Hold<T>(Func<T> make, Action<T>? prepare = null)
        where T : IDisposable
    {
        try
        {
            T made = make();
            held.Push(made);
            prepare?.Invoke(made);
            return made;
        }
        catch
        {
            Dispose();
            throw;
        }
    }
}
