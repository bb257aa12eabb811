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

    private readonly PortableLaunches launches;
    private readonly DeviceMemory scores;
    private readonly DeviceKernel products, softmax, output;
    private readonly LaunchShape productsGrid, softmaxGrid, outputGrid;

    /// <exception cref="DeviceOutOfMemoryException">The scores, B*Hq*Nq*Nk floats, do not fit.</exception>
    public PortableNaiveAttentionPlan(Device device, AttentionProblem problem)
        : base(problem)
    {
        launches = new(device);
        AttentionShape s = problem.Shape;
        int vector = device.Info.Kind == DeviceKind.Cpu
            ? Math.Min(16, 1 << BitOperations.Log2((uint)Math.Max(1, device.Info.VectorWidthFloat32)))
            : 1;
        long length = checked((long)s.Batch * s.QueryHeads * s.QueryLength * s.KvLength);
        scores = launches.Allocate(DType.Float32, length);
        AttentionProgram program = AttentionProgram.Naive(problem, vector);
        products = launches.Kernel(program.Name, program.Options, "attention_naive_scores", SetProductsConstants);
        softmax = launches.Kernel(program.Name, program.Options, "attention_naive_softmax", SetSoftmaxConstants);
        output = launches.Kernel(program.Name, program.Options, "attention_naive_output", SetOutputConstants);
        long heads = (long)s.Batch * s.QueryHeads;
        int items = Math.Min(GroupItems, device.Info.MaxWorkGroupSize);
        int columns = (s.ValueDim + vector - 1) / vector;
        int across = Math.Min(items, columns), down = items / across;
        productsGrid = new(Groups(s.KvLength, items), s.QueryLength, heads, items);
        softmaxGrid = new(Groups(s.QueryLength, items), heads, ItemsX: items);
        outputGrid = new(Groups(columns, across), Groups(s.QueryLength, down), heads, across, down);
        Description = string.Create(CultureInfo.InvariantCulture, $"scores, softmax, output; float{vector}; {WorkspaceBytes:N0} B of scores");
    }

    public override Device Device => launches.Device;

    public override string Implementation => "naive";

    public override string Description { get; }

    public override long WorkspaceBytes => launches.WorkspaceBytes;

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        DeviceSlice lengths = operands[AttentionProblem.KvLengths];
        products.SetOperand(0, 4, operands[AttentionProblem.Q]);
        products.SetOperand(1, 8, operands[AttentionProblem.K]);
        products.SetOperand(3, 12, lengths);
        softmax.SetOperand(1, 3, operands[AttentionProblem.Lse]);
        softmax.SetOperand(2, 6, lengths);
        output.SetOperand(1, 4, operands[AttentionProblem.V]);
        output.SetOperand(2, 8, operands[AttentionProblem.Out]);
        output.SetOperand(3, 12, lengths);

        // Without keys there are no scores, and the first grid is empty; the softmax still writes -inf and the output zeros.
        LaunchSequence run = launches.Begin(stream, timing);
        run.Next(products, in productsGrid);
        run.Next(softmax, in softmaxGrid);
        run.Last(output, in outputGrid);
    }

    protected override void Release() => launches.Dispose();

    private static long Groups(int extent, int items) => (extent + items - 1L) / items;

    /// <summary>Arguments that no launch changes, at the places of the kernel's parameter list.</summary>
    private void SetProductsConstants(DeviceKernel kernel)
    {
        (int left, int right) = PortableAttention.Band(Problem.Options);
        kernel.SetBuffer(2, scores);
        PortableAttention.SetStrides(kernel, 5, Problem.QStrides);
        PortableAttention.SetStrides(kernel, 9, Problem.KStrides);
        SetSizes(kernel, 13);
        kernel.SetValue(17, Problem.Shape.HeadDim);
        kernel.SetValue(18, Problem.Scale);
        kernel.SetValue(19, Problem.Options.SoftCap);
        kernel.SetValue(20, left);
        kernel.SetValue(21, right);
    }

    /// <inheritdoc cref="SetProductsConstants"/>
    private void SetSoftmaxConstants(DeviceKernel kernel)
    {
        AttentionShape s = Problem.Shape;
        (int left, int right) = PortableAttention.Band(Problem.Options);
        kernel.SetBuffer(0, scores);
        kernel.SetValue(4, (long)s.QueryHeads * s.QueryLength);
        kernel.SetValue(5, (long)s.QueryLength);
        kernel.SetValue(7, s.QueryHeads);
        kernel.SetValue(8, s.QueryLength);
        kernel.SetValue(9, s.KvLength);
        kernel.SetValue(10, left);
        kernel.SetValue(11, right);
    }

    /// <inheritdoc cref="SetProductsConstants"/>
    private void SetOutputConstants(DeviceKernel kernel)
    {
        (int left, int right) = PortableAttention.Band(Problem.Options);
        kernel.SetBuffer(0, scores);
        PortableAttention.SetStrides(kernel, 5, Problem.VStrides);
        PortableAttention.SetStrides(kernel, 9, Problem.OutStrides);
        SetSizes(kernel, 13);
        kernel.SetValue(17, Problem.Shape.ValueDim);
        kernel.SetValue(18, left);
        kernel.SetValue(19, right);
    }

    private void SetSizes(DeviceKernel kernel, int index)
    {
        kernel.SetValue(index, Problem.Shape.QueryHeads);
        kernel.SetValue(index + 1, Problem.Shape.QueryHeads / Problem.Shape.KvHeads);
        kernel.SetValue(index + 2, Problem.Shape.QueryLength);
        kernel.SetValue(index + 3, Problem.Shape.KvLength);
    }
}
