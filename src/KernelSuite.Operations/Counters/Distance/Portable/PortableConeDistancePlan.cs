using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Counters.Distance.Portable;

/// <summary>Distances on a device with programs (OpenCL, CUDA): one launch turns signatures into rows of counters, one solves.</summary>
internal sealed class PortableConeDistancePlan : ConeDistancePlan
{
    private const int PackItems = 64;

    private readonly ConeDistanceGroups layout;
    private readonly DeviceMemory packed, workspace;
    private readonly DeviceEvent first;
    private readonly DeviceProgram program;
    private readonly DeviceKernel pack, solve;
    private readonly int groups;
    private bool disposed;

    public PortableConeDistancePlan(Device device, ConeDistanceProblem problem, bool naive)
        : base(problem)
    {
        Device = device;
        layout = ConeDistanceGroups.Choose(device.Info, problem, naive);
        groups = layout.Count(device.Info, problem);
        Implementation = naive ? "naive" : ConeDistanceOperation.Standard;
        Description = $"{groups} groups of {layout.Items} work-items, {layout.Vector} numbers each, up to {layout.Rows} counters";
        long packedLength = Math.Max(1, (long)problem.Models * problem.Counters * layout.Stride(problem)),
            slots = groups * layout.SlotLength(problem);
        WorkspaceBytes = (packedLength + slots) * problem.DType.SizeOf();
        first = device.CreateEvent();
        packed = device.Allocate(problem.DType, packedLength);
        workspace = device.Allocate(problem.DType, slots);
        try
        {
            program = device.BuildProgram(DeviceCode.Source(device.Info, ConeDistanceGroups.Program, layout.Options(problem.DType)));
            pack = program.CreateKernel("cone_pack");
            solve = program.CreateKernel("cone_solve");
        }
        catch
        {
            Release();
            throw;
        }
    }

    public override Device Device { get; }

    public override string Implementation { get; }

    public override string Description { get; }

    public override long WorkspaceBytes { get; }

    public override void Launch(
        DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        CheckOperands(stream, operands);
        cancellation.ThrowIfCancellationRequested();
        if (Problem.UnitCount == 0)
        {
            if (timing is not null) stream.Record(timing);
            return;
        }

        int stride = layout.Stride(Problem);
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
        long entries = (long)Problem.Models * Problem.Counters * stride;
        stream.Launch(
            pack, new LaunchShape(Math.Min((entries + PackItems - 1) / PackItems, 1 << 16), ItemsX: PackItems), timing is null ? null : first);

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
        stream.Launch(solve, new LaunchShape(groups, ItemsX: layout.Items), timing);
        timing?.StartFrom(first);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposed || !disposing) return;
        disposed = true;
        Release();
    }

    private void Release()
    {
        pack?.Dispose();
        solve?.Dispose();
        program?.Dispose();
        first.Dispose();
        packed.Dispose();
        workspace.Dispose();
    }
}
