namespace KernelSuite.Measurement;

/// <summary>A file that a run read or wrote.</summary>
/// <param name="Name">Operand name.</param>
/// <param name="Path">File.</param>
/// <param name="Dtype">Element type.</param>
/// <param name="Shape">Extents, outermost first.</param>
public sealed record RunArray(string Name, string Path, string Dtype, IReadOnlyList<long> Shape);

/// <summary>What a run of one operation on a user's arrays did.</summary>
/// <param name="Operation">Operation name.</param>
/// <param name="Device">The device.</param>
/// <param name="Implementation">Implementation name.</param>
/// <param name="Plan">Tiles and other choices.</param>
/// <param name="WorkspaceBytes">Device memory held besides the operands, in bytes.</param>
/// <param name="Inputs">Arrays read.</param>
/// <param name="Outputs">Arrays written.</param>
/// <param name="Seconds">Host wall time of one launch with its wait; of the second launch where the first took less than a second.</param>
/// <param name="DeviceSeconds">The same on the device clock; null where the device has none.</param>
/// <param name="Gflops">Flops of the cost formula over <paramref name="Seconds"/>, in 10^9 a second.</param>
/// <param name="Launches">Launches that were made.</param>
/// <param name="Context">Machine, build and command.</param>
public sealed record RunReport(
    string Operation, DeviceRecord Device, string Implementation, string Plan, long WorkspaceBytes, IReadOnlyList<RunArray> Inputs, IReadOnlyList<RunArray> Outputs,
    double Seconds, double? DeviceSeconds, double Gflops, int Launches, RunContext Context);
