using KernelSuite.Runtime;

namespace KernelSuite.Operations.Launching;

/// <summary>One kernel of one program on a device with programs, and its grid: what the plans of one launch share. Owns both.</summary>
internal sealed class PortableLaunch : IDisposable
{
    private readonly DeviceProgram program;
    private readonly LaunchShape grid;
    private bool disposed;

    /// <param name="device">Where it runs.</param>
    /// <param name="name">The program.</param>
    /// <param name="options">Its build options.</param>
    /// <param name="entry">The kernel's name.</param>
    /// <param name="grid">Its grid; empty where there is nothing to do.</param>
    public PortableLaunch(Device device, string name, string options, string entry, LaunchShape grid)
    {
        this.grid = grid;
        program = device.BuildProgram(DeviceCode.Source(device.Info, name, options));
        try
        {
            Kernel = program.CreateKernel(entry);
        }
        catch
        {
            program.Dispose();
            throw;
        }
    }

    /// <summary>The kernel, for its arguments.</summary>
    public DeviceKernel Kernel { get; }

    public void MustBeAlive(OperationPlan plan) => ObjectDisposedException.ThrowIf(disposed, plan);

    /// <summary>Whether there is nothing to launch; then only the event is recorded.</summary>
    public bool IsEmpty(DeviceStream stream, DeviceEvent? timing)
    {
        if (grid.GroupsX > 0) return false;
        if (timing is not null) stream.Record(timing);
        return true;
    }

    /// <summary>Launches with the arguments that the kernel has by now.</summary>
    public void Run(DeviceStream stream, DeviceEvent? timing) => stream.Launch(Kernel, in grid, timing);

    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        Kernel.Dispose();
        program.Dispose();
    }
}
