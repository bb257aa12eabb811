using KernelSuite.Runtime;

namespace KernelSuite.Operations.Launching;

/// <summary>The launches of one call of a plan, in order. A timing spans them all.</summary>
/// <param name="stream">Where they are queued.</param>
/// <param name="timing">Receives the span; null where it is not wanted.</param>
/// <param name="first">Takes the start of the first of several.</param>
internal ref struct LaunchSequence(DeviceStream stream, DeviceEvent? timing, DeviceEvent first)
{
    private bool begun;

    /// <summary>Queues a kernel that another follows; nothing where the grid is empty.</summary>
    public void Next(DeviceKernel kernel, in LaunchShape grid)
    {
        if (IsEmpty(in grid)) return;
        stream.Launch(kernel, in grid, begun || timing is null ? null : first);
        begun = true;
    }

    /// <summary>Queues the last kernel; nothing but the timing where the grid is empty.</summary>
    public readonly void Last(DeviceKernel kernel, in LaunchShape grid)
    {
        if (!IsEmpty(in grid)) stream.Launch(kernel, in grid, timing);
        else if (timing is not null) stream.Record(timing);
        if (begun) timing?.StartFrom(first);
    }

    private static bool IsEmpty(in LaunchShape grid) => grid.GroupsX == 0 || grid.GroupsY == 0 || grid.GroupsZ == 0;
}
