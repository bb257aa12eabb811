using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring.Portable;

/// <summary>The two steps of scoring on a device with programs: a kernel over the keys, then <see cref="PortableFinish"/>. Owns both.</summary>
internal sealed class PortableSteps : IDisposable
{
    private readonly DeviceProgram program;
    private readonly LaunchShape launch;

    /// <param name="finish">The second step; owned, also where this fails.</param>
    /// <param name="launch">Grid of the first; empty where there are no keys.</param>
    /// <param name="build">Its program.</param>
    /// <param name="entry">The kernel's name.</param>
    public PortableSteps(PortableFinish finish, LaunchShape launch, Func<DeviceProgram> build, string entry)
    {
        Finish = finish;
        this.launch = launch;
        try
        {
            program = build();
            Kernel = program.CreateKernel(entry);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The kernel of the first step.</summary>
    public DeviceKernel Kernel { get; } = null!;

    public PortableFinish Finish { get; }

    /// <summary>Whether the first step has anything to do.</summary>
    public bool HasKeys => launch.GroupsX * launch.GroupsY > 0;

    /// <summary>Launches both, the first with the arguments that the kernel has by now; the event spans both.</summary>
    public void Launch(DeviceStream stream, DeviceSlice lengths, DeviceSlice previous, DeviceSlice score, DeviceSlice stats, DeviceEvent? timing)
    {
        if (HasKeys) stream.Launch(Kernel, in launch, timing is null ? null : Finish.First);
        Finish.Launch(stream, lengths, previous, score, stats, timing);
        if (HasKeys) timing?.StartFrom(Finish.First);
    }

    public void Dispose()
    {
        Kernel?.Dispose();
        program?.Dispose();
        Finish.Dispose();
    }
}
