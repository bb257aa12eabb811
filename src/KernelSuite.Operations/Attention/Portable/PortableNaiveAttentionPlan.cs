using System.Globalization;
using System.Numerics;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Attention.Portable;

/// <summary>The baseline on a device with programs (OpenCL, CUDA): scores, softmax and output as three kernels, scores in device memory.</summary>
internal sealed class PortableNaiveAttentionPlan : AttentionPlan
{
    /// <summary>Work-items of a group: a multiple of every warp and wavefront width, and few enough for any device.</summary>
    private const int GroupItems = 64;

    private readonly DeviceMemory scores;
    private readonly DeviceEvent first;
    private readonly DeviceProgram program;
    private readonly DeviceKernel[] kernels = new DeviceKernel[3];
    private readonly LaunchShape[] launches = new LaunchShape[3];
    private bool disposed;

    /// <exception cref="DeviceOutOfMemoryException">The scores, B*Hq*Nq*Nk floats, do not fit.</exception>
    public PortableNaiveAttentionPlan(Device device, AttentionProblem problem)
        : base(problem)
    {
        Device = device;
        AttentionShape s = problem.Shape;
        int vector = device.Info.Kind == DeviceKind.Cpu
            ? Math.Min(16, 1 << BitOperations.Log2((uint)Math.Max(1, device.Info.VectorWidthFloat32)))
            : 1;
        long length = checked((long)s.Batch * s.QueryHeads * s.QueryLength * s.KvLength);
        scores = device.Allocate(DType.Float32, length);
        WorkspaceBytes = length * sizeof(float);
        first = device.CreateEvent();
        try
        {
            program = AttentionProgram.Naive(problem, vector).Build(device);
            kernels[0] = program.CreateKernel("attention_naive_scores");
            kernels[1] = program.CreateKernel("attention_naive_softmax");
            kernels[2] = program.CreateKernel("attention_naive_output");
            SetConstants();
        }
        catch
        {
            Release();
            throw;
        }

        long heads = (long)s.Batch * s.QueryHeads;
        int items = Math.Min(GroupItems, device.Info.MaxWorkGroupSize);
        int columns = (s.ValueDim + vector - 1) / vector;
        int across = Math.Min(items, columns), down = items / across;
        launches[0] = new LaunchShape(Groups(s.KvLength, items), s.QueryLength, heads, items);
        launches[1] = new LaunchShape(Groups(s.QueryLength, items), heads, ItemsX: items);
        launches[2] = new LaunchShape(Groups(columns, across), Groups(s.QueryLength, down), heads, across, down);
        Description = string.Create(CultureInfo.InvariantCulture, $"scores, softmax, output; float{vector}; {WorkspaceBytes:N0} B of scores");
    }

    public override Device Device { get; }

    public override string Implementation => "naive";

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

        DeviceSlice lengths = operands[AttentionProblem.KvLengths];
        kernels[0].SetOperand(0, 4, operands[AttentionProblem.Q]);
        kernels[0].SetOperand(1, 8, operands[AttentionProblem.K]);
        kernels[0].SetOperand(3, 12, lengths);
        kernels[1].SetOperand(1, 3, operands[AttentionProblem.Lse]);
        kernels[1].SetOperand(2, 6, lengths);
        kernels[2].SetOperand(1, 4, operands[AttentionProblem.V]);
        kernels[2].SetOperand(2, 8, operands[AttentionProblem.Out]);
        kernels[2].SetOperand(3, 12, lengths);

        // Without keys there are no scores; the softmax still writes -inf and the output zeros.
        bool hasKeys = Problem.Shape.KvLength > 0;
        if (hasKeys) stream.Launch(kernels[0], in launches[0], timing is null ? null : first);
        stream.Launch(kernels[1], in launches[1], hasKeys || timing is null ? null : first);
        stream.Launch(kernels[2], in launches[2], timing);
        timing?.StartFrom(first);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposed || !disposing) return;
        disposed = true;
        Release();
    }

    private static long Groups(int extent, int items) => (extent + items - 1L) / items;

    private void Release()
    {
        foreach (DeviceKernel? kernel in kernels) kernel?.Dispose();
        program?.Dispose();
        first.Dispose();
        scores.Dispose();
    }

    /// <summary>Arguments that no launch changes, at the places of the kernels' parameter lists.</summary>
    private void SetConstants()
    {
        AttentionShape s = Problem.Shape;
        (int left, int right) = PortableAttention.Band(Problem.Options);
        DeviceKernel products = kernels[0], softmax = kernels[1], output = kernels[2];
        products.SetBuffer(2, scores);
        PortableAttention.SetStrides(products, 5, Problem.QStrides);
        PortableAttention.SetStrides(products, 9, Problem.KStrides);
        SetSizes(products, 13);
        products.SetValue(17, s.HeadDim);
        products.SetValue(18, Problem.Scale);
        products.SetValue(19, Problem.Options.SoftCap);
        products.SetValue(20, left);
        products.SetValue(21, right);

        softmax.SetBuffer(0, scores);
        softmax.SetValue(4, (long)s.QueryHeads * s.QueryLength);
        softmax.SetValue(5, (long)s.QueryLength);
        softmax.SetValue(7, s.QueryHeads);
        softmax.SetValue(8, s.QueryLength);
        softmax.SetValue(9, s.KvLength);
        softmax.SetValue(10, left);
        softmax.SetValue(11, right);

        output.SetBuffer(0, scores);
        PortableAttention.SetStrides(output, 5, Problem.VStrides);
        PortableAttention.SetStrides(output, 9, Problem.OutStrides);
        SetSizes(output, 13);
        output.SetValue(17, s.ValueDim);
        output.SetValue(18, left);
        output.SetValue(19, right);
    }

    private void SetSizes(DeviceKernel kernel, int index)
    {
        kernel.SetValue(index, Problem.Shape.QueryHeads);
        kernel.SetValue(index + 1, Problem.Shape.QueryHeads / Problem.Shape.KvHeads);
        kernel.SetValue(index + 2, Problem.Shape.QueryLength);
        kernel.SetValue(index + 3, Problem.Shape.KvLength);
    }
}
