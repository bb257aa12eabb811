using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Counters.Distance.Portable;

/// <summary>Distances on a device with programs (OpenCL, CUDA): one launch turns signatures into rows of counters, one solves.</summary>
internal sealed class PortableConeDistancePlan : ConeDistancePlan
{
    private const int PackItems = 64;

    private readonly ConeDistanceGroups layout;
    private readonly PortableLaunches launches;
    private readonly DeviceMemory packed, workspace;
    private readonly DeviceKernel pack, solve;
    private readonly LaunchShape packGrid, solveGrid;
    private readonly int stride, groups;

    public PortableConeDistancePlan(Device device, ConeDistanceProblem problem, bool naive)
        : base(problem)
    {
        launches = new(device);
        layout = ConeDistanceGroups.Choose(device.Info, problem, naive);
        stride = layout.Stride(problem);
        groups = layout.Count(device.Info, problem);
        Implementation = naive ? "naive" : ConeDistanceOperation.Standard;
        Description = $"{groups} groups of {layout.Items} work-items, {layout.Vector} numbers each, up to {layout.Rows} counters";
        long entries = (long)problem.Models * problem.Counters * stride;
        packed = launches.Allocate(problem.DType, Math.Max(1, entries));
        workspace = launches.Allocate(problem.DType, groups * layout.SlotLength(problem));
        pack = launches.Kernel(ConeDistanceGroups.Program, layout.Options(problem.DType), "cone_pack");
        solve = launches.Kernel(ConeDistanceGroups.Program, layout.Options(problem.DType), "cone_solve");
        packGrid = new(Math.Min((entries + PackItems - 1) / PackItems, 1 << 16), ItemsX: PackItems);
        solveGrid = new(groups, ItemsX: layout.Items);
    }

    public override Device Device => launches.Device;

    public override string Implementation { get; }

    public override string Description { get; }

    public override long WorkspaceBytes => launches.WorkspaceBytes;

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        var packing = new ArgumentList(pack);
        packing.Buffer(operands[ConeDistanceProblem.Signatures].Memory);
        packing.Buffer(operands[ConeDistanceProblem.Counts].Memory);
        packing.Buffer(packed);
        packing.Value(operands[ConeDistanceProblem.Signatures].ElementOffset);
        packing.Value(operands[ConeDistanceProblem.Counts].ElementOffset);
        packing.Value(Problem.Models);
        packing.Value(Problem.Counters);
        packing.Value(Problem.MostSignatures);
        packing.Value(stride);

        var solving = new ArgumentList(solve);
        solving.Buffer(operands[ConeDistanceProblem.Factors].Memory);
        solving.Buffer(operands[ConeDistanceProblem.Means].Memory);
        solving.Buffer(packed);
        for (int i = ConeDistanceProblem.Counts; i <= ConeDistanceProblem.Directions; i++) solving.Buffer(operands[i].Memory);
        solving.Buffer(workspace);
        solving.Value(operands[ConeDistanceProblem.Factors].ElementOffset);
        solving.Value(operands[ConeDistanceProblem.Means].ElementOffset);
        for (int i = ConeDistanceProblem.Counts; i <= ConeDistanceProblem.Directions; i++) solving.Value(operands[i].ElementOffset);
        solving.Value(Problem.Observations);
        solving.Value(Problem.Models);
        solving.Value(Problem.Counters);
        solving.Value(Problem.MostSignatures);
        solving.Value(stride);
        solving.Value(groups);
        LaunchSequence run = launches.Begin(stream, timing);
        run.Next(pack, in packGrid);
        run.Last(solve, in solveGrid);
    }

    protected override void Release() => launches.Dispose();
}
