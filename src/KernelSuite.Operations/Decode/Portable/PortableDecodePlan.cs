using System.Globalization;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode.Portable;

/// <summary>Decode attention on a device with programs (OpenCL, CUDA): one launch walks all parts of all sequences, a second merges them where there are several.</summary>
internal sealed class PortableDecodePlan : DecodePlan
{
    private readonly PortableLaunches launches;
    private readonly DecodeParts parts;
    private readonly DeviceKernel walk;
    private readonly DeviceKernel? merge;
    private readonly LaunchShape walkGrid, mergeGrid;
    private readonly DeviceMemory? partialOut, partialState;

    /// <param name="device">The device.</param>
    /// <param name="problem">The problem.</param>
    /// <param name="chosen">Tiles in place of the device's own.</param>
    /// <exception cref="DeviceOutOfMemoryException">The partial results do not fit.</exception>
    public PortableDecodePlan(Device device, DecodeProblem problem, DecodeTiles? chosen = null)
        : base(problem)
    {
        launches = new(device);
        DecodeShape s = problem.Shape;
        DecodeTiles tiles = chosen ?? DecodeTiles.Choose(device.Info, s.HeadDim, s.ValueDim, s.RowsPerKvHead)
            ?? throw new NotSupportedException(PortableDecode.Supports(device.Info, problem).Reason);
        parts = DecodeParts.Choose(device.Info, problem, tiles);
        int stride = (s.ValueDim + tiles.Vector - 1) / tiles.Vector * tiles.Vector;
        if (parts.Total > 1)
        {
            long states = checked(problem.UnitCount * parts.Total);
            partialOut = launches.Allocate(DType.Float32, checked(states * stride));
            partialState = launches.Allocate(DType.Float32, states * 2);
            DecodeProgram merging = DecodeProgram.Merge(problem.DType, tiles);
            merge = launches.Kernel(merging.Name, merging.Options, "lse_merge", kernel => SetMergeConstants(kernel, stride));
        }

        DecodeProgram walking = DecodeProgram.Split(problem, tiles);
        walk = launches.Kernel(walking.Name, walking.Options, "attention_decode", kernel => SetConstants(kernel, stride));
        walkGrid = new((long)parts.Groups(s), ItemsX: tiles.ItemsX, ItemsY: tiles.ItemsY);
        mergeGrid = new(problem.UnitCount, ItemsX: DecodeProgram.MergeGroup(tiles));
        Description = string.Create(
            CultureInfo.InvariantCulture,
            $"{parts.Original} + {parts.Quantised} parts, {parts.RowBlocks} x {tiles.Rows} rows, {tiles.ItemsX} x {tiles.ItemsY} work-items, float{tiles.Vector}, "
            + $"{tiles.LocalBytes:N0} B local");
    }

    public override Device Device => launches.Device;

    public override string Implementation => DecodeOperation.Split;

    public override string Description { get; }

    public override long WorkspaceBytes => launches.WorkspaceBytes;

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        SetOperands(operands);
        LaunchSequence run = launches.Begin(stream, timing);
        if (merge is null)
        {
            run.Last(walk, in walkGrid);
            return;
        }

        DeviceSlice output = operands[DecodeProblem.Out];
        merge.SetOperand(2, 4, output);
        merge.SetOperand(3, 8, operands[DecodeProblem.Lse]);
        run.Next(walk, in walkGrid);
        run.Last(merge, in mergeGrid);
    }

    protected override void Release() => launches.Dispose();

    /// <summary>Arguments that no launch changes, at the places of attention_decode's parameter list.</summary>
    private void SetConstants(DeviceKernel kernel, int stride)
    {
        kernel.SetBuffer(8, partialOut);
        kernel.SetBuffer(9, partialState);
        kernel.SetValue(18, stride);
        kernel.SetValue(19, KernelShape.Of(Problem, parts.RowBlocks, parts.Total));
        kernel.SetValue(20, parts.OriginalSegment(Problem));
        if (Problem.Quantised is not null) kernel.SetValue(37, parts.QuantisedSegment(Problem));
    }

    private void SetMergeConstants(DeviceKernel kernel, int stride)
    {
        DecodeShape s = Problem.Shape;
        kernel.SetBuffer(0, partialOut);
        kernel.SetBuffer(1, partialState);
        Attention.TensorStrides strides = Problem.Strides(DecodeProblem.Out);
        kernel.SetValue(5, strides.Batch);
        kernel.SetValue(6, strides.Head);
        kernel.SetValue(7, strides.Row);
        kernel.SetValue(9, s.QueryHeads);
        kernel.SetValue(10, s.QueryLength);
        kernel.SetValue(11, parts.Total);
        kernel.SetValue(12, s.ValueDim);
        kernel.SetValue(13, stride);
    }

    private void SetOperands(ReadOnlySpan<DeviceSlice> operands)
    {
        walk.SetTensor(0, 10, Problem, DecodeProblem.Q, operands[DecodeProblem.Q]);
        walk.SetTensor(1, 11, Problem, DecodeProblem.K, operands[DecodeProblem.K]);
        walk.SetTensor(2, 12, Problem, DecodeProblem.V, operands[DecodeProblem.V]);
        walk.SetTensor(5, 13, Problem, DecodeProblem.Out, operands[DecodeProblem.Out]);
        walk.SetOperand(3, 14, operands[DecodeProblem.PageTable]);
        walk.SetOperand(4, 15, operands[DecodeProblem.KvLengths]);
        walk.SetOperand(6, 16, operands[DecodeProblem.Lse]);
        walk.SetOperand(7, 17, operands[DecodeProblem.Logits]);
        if (Problem.Quantised is null) return;
        walk.SetTensor(21, 29, Problem, DecodeProblem.KCodes, operands[DecodeProblem.KCodes]);
        walk.SetTensor(22, 30, Problem, DecodeProblem.KGroups, operands[DecodeProblem.KGroups]);
        walk.SetTensor(23, 31, Problem, DecodeProblem.KScales, operands[DecodeProblem.KScales]);
        walk.SetTensor(24, 32, Problem, DecodeProblem.VCodes, operands[DecodeProblem.VCodes]);
        walk.SetTensor(25, 33, Problem, DecodeProblem.VGroups, operands[DecodeProblem.VGroups]);
        walk.SetTensor(26, 34, Problem, DecodeProblem.VScales, operands[DecodeProblem.VScales]);
        walk.SetOperand(27, 35, operands[DecodeProblem.QuantisedPageTable]);
        walk.SetOperand(28, 36, operands[DecodeProblem.QuantisedLengths]);
    }
}
