using KernelSuite.Operations.Attention.Cpu;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Dense;

/// <summary>One product.</summary>
internal readonly unsafe struct CpuGemmArguments(PackedMatrix weights, int rows, float* x, float* y, bool accumulate)
{
    public PackedMatrix Weights { get; } = weights;

    public int Rows { get; } = rows;

    public float* X { get; } = x;

    public float* Y { get; } = y;

    public bool Accumulate { get; } = accumulate;
}

/// <summary>The tasks of a product, whatever the vector width.</summary>
internal abstract unsafe class CpuGemmKernel(int threads, int width) : ICpuKernel, IDisposable
{
    /// <summary>Rows of a task. Their results (48 x 64 floats, 12 KiB) share a 48 KiB first-level cache with a slice of the panel.</summary>
    protected const int RowBlock = 48;

    /// <summary>Inputs that are multiplied at a time: a slice of the panel is 32 KiB.</summary>
    protected const int Depth = 128;

    /// <summary>Outputs of a task at least: narrow panels are taken several at a time.</summary>
    private const int TaskOutputs = 64;

    private readonly HostBuffer<float> results = new((long)threads * RowBlock * width);

    public CpuGemmArguments Arguments { get; set; }

    public long Tasks => RowBlocks * PanelGroups;

    protected static int GroupPanels(int width) => Math.Max(1, TaskOutputs / width);

    private long RowBlocks => (Arguments.Rows + RowBlock - 1) / RowBlock;

    private long PanelGroups => (Arguments.Weights.Panels + GroupPanels(width) - 1) / GroupPanels(width);

    public void Execute(long task, int worker)
    {
        // Row blocks vary fastest: the threads then work on the same panels, and each panel is fetched from memory once.
        (long group, long block) = Math.DivRem(task, RowBlocks);
        int first = (int)block * RowBlock, rows = Math.Min(RowBlock, Arguments.Rows - first);
        int panel = (int)group * GroupPanels(width), end = Math.Min(panel + GroupPanels(width), Arguments.Weights.Panels);
        float* scratch = results.Pointer + ((long)worker * RowBlock * width);
        for (; panel < end; panel++) Block(panel, first, rows, scratch);
    }

    public virtual void Dispose() => results.Dispose();

    protected abstract void Block(int panel, int first, int rows, float* scratch);
}

/// <summary>A block of rows times a panel.</summary>
internal sealed unsafe class CpuGemmKernel<TSimd, TVector, TShape>(int threads) : CpuGemmKernel(threads, TShape.Vectors * TSimd.Lanes)
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TShape : struct, ITileShape
{
    private readonly HostBuffer<float> ones = Ones();

    public override void Dispose()
    {
        base.Dispose();
        ones.Dispose();
    }

    protected override void Block(int panel, int first, int rows, float* scratch)
    {
        int width = TShape.Vectors * TSimd.Lanes;
        PackedMatrix weights = Arguments.Weights;
        int inputs = weights.Inputs;
        float* x = Arguments.X + ((long)first * inputs);
        float* w = weights.Panel(panel);
        for (int k = 0; k < inputs; k += Depth)
        {
            MicroKernels<TSimd, TVector, TShape, RowMajor>.Multiply(
                rows, Math.Min(Depth, inputs - k), x + k, inputs, w + ((long)k * width), scratch, k == 0 ? null : ones.Pointer);
        }

        int outputs = Math.Min(width, weights.Outputs - (panel * width));
        float* y = Arguments.Y + ((long)first * weights.Outputs) + ((long)panel * width);
        for (int r = 0; r < rows; r++, scratch += width, y += weights.Outputs) Store(scratch, y, outputs);
    }

    private void Store(float* source, float* target, int count)
    {
        int i = 0;
        if (Arguments.Accumulate)
        {
            for (; i + TSimd.Lanes <= count; i += TSimd.Lanes) TSimd.Store(TSimd.Add(TSimd.Load(target + i), TSimd.Load(source + i)), target + i);
            for (; i < count; i++) target[i] += source[i];
            return;
        }

        for (; i + TSimd.Lanes <= count; i += TSimd.Lanes) TSimd.Store(TSimd.Load(source + i), target + i);
        for (; i < count; i++) target[i] = source[i];
    }

    /// <summary>The factors on what earlier slices have summed.</summary>
    private static HostBuffer<float> Ones()
    {
        var factors = new HostBuffer<float>(TShape.Vectors * TSimd.Lanes);
        factors.Span.Fill(1);
        return factors;
    }
}
