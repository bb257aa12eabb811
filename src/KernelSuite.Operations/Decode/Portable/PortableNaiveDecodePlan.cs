using System.Globalization;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode.Portable;

/// <summary>The baseline on a device with programs (OpenCL, CUDA): logits and output as two kernels, logits in device memory.</summary>
internal sealed class PortableNaiveDecodePlan : DecodePlan
{
    /// <summary>Work-items of a group: a multiple of every warp and wavefront width, and few enough for any device.</summary>
    private const int GroupItems = 64;

    private readonly DeviceMemory scores;
    private readonly DeviceEvent first;
    private readonly DeviceKernel logits = null!, output = null!;
    private readonly LaunchShape logitsShape, outputShape;
    private bool disposed;

    /// <exception cref="DeviceOutOfMemoryException">The logits, B*Hq*Nq*(N + N2) floats, do not fit.</exception>
    public PortableNaiveDecodePlan(Device device, DecodeProblem problem)
        : base(problem)
    {
        Device = device;
        long length = checked(problem.UnitCount * problem.TotalSlots);
        scores = device.Allocate(DType.Float32, length);
        WorkspaceBytes = length * sizeof(float);
        first = device.CreateEvent();
        try
        {
            using DeviceProgram program = DecodeProgram.Naive(problem.DType).Build(device);
            logits = program.CreateKernel("attention_decode_naive_logits");
            output = program.CreateKernel("attention_decode_naive_output");
            SetConstants();
        }
        catch
        {
            Release();
            throw;
        }

        int items = Math.Min(GroupItems, device.Info.MaxWorkGroupSize);
        logitsShape = new LaunchShape((length + items - 1) / items, ItemsX: items);
        outputShape = new LaunchShape(((problem.UnitCount * problem.Shape.ValueDim) + items - 1) / items, ItemsX: items);
        Description = string.Create(CultureInfo.InvariantCulture, $"logits, output; {WorkspaceBytes:N0} B of logits");
    }

    public override Device Device { get; }

    public override string Implementation => DecodeOperation.Naive;

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

        // Logits that are asked for are the scores.
        DeviceSlice wanted = operands[DecodeProblem.Logits];
        DeviceSlice kept = wanted.Memory is null ? new DeviceSlice(scores, 0) : wanted;
        SetOperands(operands, kept);
        bool hasSlots = Problem.TotalSlots > 0;
        if (hasSlots) stream.Launch(logits, in logitsShape, timing is null ? null : first);
        stream.Launch(output, in outputShape, timing);
        if (hasSlots) timing?.StartFrom(first);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposed || !disposing) return;
        disposed = true;
        Release();
    }

    private void Release()
    {
        logits?.Dispose();
        output?.Dispose();
        first.Dispose();
        scores.Dispose();
    }

    private void SetConstants()
    {
        var whole = new DecodeSplits(1, 1, DecodeSplits.Granule);
        var shape = KernelShape.Of(Problem, rowBlocks: 1, parts: 1);
        var originals = KernelSegment.Of(Problem.Original, 0, whole, 1);
        logits.SetValue(10, shape);
        logits.SetValue(11, originals);
        logits.SetValue(12, Problem.UnitCount);
        output.SetValue(12, shape);
        output.SetValue(13, originals);
        output.SetValue(14, Problem.UnitCount);
        int format = DecodeProgram.QuantCode(Problem);
        logits.SetValue(24, format);
        output.SetValue(26, format);
        KernelSegment second = Problem.Quantised is { } quantised ? KernelSegment.Of(quantised.Slots, Problem.Original.Slots, whole, 1) : default;
        logits.SetValue(23, second);
        output.SetValue(25, second);
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
