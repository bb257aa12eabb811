using System.Globalization;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode.Portable;

/// <summary>The baseline on a device with programs (OpenCL, CUDA): logits and output as two kernels, logits in device memory.</summary>
internal sealed class PortableNaiveDecodePlan : DecodePlan
{
    /// <summary>Work-items of a group: a multiple of every warp and wavefront width, and few enough for any device.</summary>
    private const int GroupItems = 64;

    private readonly PortableLaunches launches;
    private readonly DeviceMemory scores;
    private readonly DeviceKernel logits, output;
    private readonly LaunchShape logitsGrid, outputGrid;

    /// <exception cref="DeviceOutOfMemoryException">The logits, B*Hq*Nq*(N + N2) floats, do not fit.</exception>
    public PortableNaiveDecodePlan(Device device, DecodeProblem problem)
        : base(problem)
    {
        launches = new(device);
        long length = checked(problem.UnitCount * problem.TotalSlots);
        scores = launches.Allocate(DType.Float32, length);
        DecodeProgram program = DecodeProgram.Naive(problem.DType);
        logits = launches.Kernel(program.Name, program.Options, "attention_decode_naive_logits", kernel => SetConstants(kernel, 10, 23));
        output = launches.Kernel(program.Name, program.Options, "attention_decode_naive_output", kernel => SetConstants(kernel, 12, 25));
        int items = Math.Min(GroupItems, device.Info.MaxWorkGroupSize);
        logitsGrid = new((length + items - 1) / items, ItemsX: items);
        outputGrid = new(((problem.UnitCount * problem.Shape.ValueDim) + items - 1) / items, ItemsX: items);
        Description = string.Create(CultureInfo.InvariantCulture, $"logits, output; {WorkspaceBytes:N0} B of logits");
    }

    public override Device Device => launches.Device;

    public override string Implementation => DecodeOperation.Naive;

    public override string Description { get; }

    public override long WorkspaceBytes => launches.WorkspaceBytes;

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        // Logits that are asked for are the scores.
        DeviceSlice wanted = operands[DecodeProblem.Logits];
        DeviceSlice kept = wanted.Memory is null ? new DeviceSlice(scores, 0) : wanted;
        SetOperands(operands, kept);
        LaunchSequence run = launches.Begin(stream, timing);
        run.Next(logits, in logitsGrid);
        run.Last(output, in outputGrid);
    }

    protected override void Release() => launches.Dispose();

    /// <summary>Arguments that no launch changes: three from <paramref name="shape"/> on, and two from <paramref name="second"/> on.</summary>
    private void SetConstants(DeviceKernel kernel, int shape, int second)
    {
        var whole = new DecodeSplits(1, 1, DecodeSplits.Granule);
        kernel.SetValue(shape, KernelShape.Of(Problem, rowBlocks: 1, parts: 1));
        kernel.SetValue(shape + 1, KernelSegment.Of(Problem.Original, 0, whole, 1));
        kernel.SetValue(shape + 2, Problem.UnitCount);
        kernel.SetValue(second, Problem.Quantised is { } quantised ? KernelSegment.Of(quantised.Slots, Problem.Original.Slots, whole, 1) : default);
        kernel.SetValue(second + 1, DecodeProgram.QuantCode(Problem));
    }

    private void SetOperands(ReadOnlySpan<DeviceSlice> operands, DeviceSlice kept)
    {
        logits.SetTensor(0, 6, Problem, DecodeProblem.Q, operands[DecodeProblem.Q]);
        logits.SetTensor(1, 7, Problem, DecodeProblem.K, operands[DecodeProblem.K]);
        logits.SetOperand(2, 8, operands[DecodeProblem.PageTable]);
        logits.SetOperand(3, 9, operands[DecodeProblem.KvLengths]);
        logits.SetOperand(4, 5, kept);
        output.SetOperand(0, 6, kept);
        output.SetTensor(1, 7, Problem, DecodeProblem.V, operands[DecodeProblem.V]);
        output.SetOperand(2, 9, operands[DecodeProblem.PageTable]);
        output.SetOperand(3, 10, operands[DecodeProblem.KvLengths]);
        output.SetTensor(4, 8, Problem, DecodeProblem.Out, operands[DecodeProblem.Out]);
        output.SetOperand(5, 11, operands[DecodeProblem.Lse]);
        SetQuantised(logits, 13, DecodeProblem.KCodes, DecodeProblem.KGroups, DecodeProblem.KScales, operands);
        SetQuantised(output, 15, DecodeProblem.VCodes, DecodeProblem.VGroups, DecodeProblem.VScales, operands);
    }

    private void SetQuantised(DeviceKernel kernel, int index, int codes, int groups, int scales, ReadOnlySpan<DeviceSlice> operands)
    {
        kernel.SetTensor(index, index + 5, Problem, codes, operands[codes]);
        kernel.SetTensor(index + 1, index + 6, Problem, groups, operands[groups]);
        kernel.SetTensor(index + 2, index + 7, Problem, scales, operands[scales]);
        kernel.SetOperand(index + 3, index + 8, operands[DecodeProblem.QuantisedPageTable]);
        kernel.SetOperand(index + 4, index + 9, operands[DecodeProblem.QuantisedLengths]);
    }
}
