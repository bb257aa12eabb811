using System.Numerics.Tensors;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.KvCache.Decoding;

/// <summary>What is done to each token by itself, between the products: a task is a block of tokens.</summary>
internal abstract unsafe class RowKernel : ICpuKernel
{
    /// <summary>Tokens of a task; as many or fewer are done on the calling thread, whose hand-over to the team costs more.</summary>
    private const int Block = 16;

    private int rows;

    public void Run(CpuTeam team, int count)
    {
        rows = count;
        if (count > Block) team.Run(this, (count + Block - 1) / Block);
        else for (int row = 0; row < count; row++) Row(row);
    }

    public void Execute(long task, int worker)
    {
        int end = (int)Math.Min(rows, (task + 1) * Block);
        for (int row = (int)task * Block; row < end; row++) Row(row);
    }

    protected abstract void Row(int row);
}

/// <summary>RMSNorm: y = x / sqrt(mean(x^2) + eps) * weight.</summary>
internal sealed unsafe class NormKernel(int width, float epsilon) : RowKernel
{
    public float* Source { get; set; }

    public float* Target { get; set; }

    public float[] Weight { get; set; } = [];

    protected override void Row(int row)
    {
        var x = new ReadOnlySpan<float>(Source + ((long)row * width), width);
        var y = new Span<float>(Target + ((long)row * width), width);
        float factor = 1 / MathF.Sqrt((TensorPrimitives.SumOfSquares(x) / width) + epsilon);
        TensorPrimitives.Multiply(x, factor, y);
        TensorPrimitives.Multiply(y, Weight, y);
    }
}

/// <summary>Parts the fused projection into queries, keys and values and rotates queries and keys to their positions.</summary>
internal sealed unsafe class RotateKernel(LlamaConfig config, RotaryTable table) : RowKernel
{
    private readonly int queryWidth = config.QueryHeads * config.HeadDim, kvWidth = config.KvHeads * config.HeadDim;

    public float* Source { get; set; }

    public float* Q { get; set; }

    public float* K { get; set; }

    public float* V { get; set; }

    /// <summary>Position of row 0.</summary>
    public int Position { get; set; }

    protected override void Row(int row)
    {
        float* source = Source + ((long)row * (queryWidth + (2 * kvWidth)));
        ReadOnlySpan<float> cosines = table.Cosines(Position + row), sines = table.Sines(Position + row);
        Rotate(source, Q + ((long)row * queryWidth), config.QueryHeads, cosines, sines);
        Rotate(source + queryWidth, K + ((long)row * kvWidth), config.KvHeads, cosines, sines);
        new ReadOnlySpan<float>(source + queryWidth + kvWidth, kvWidth).CopyTo(new Span<float>(V + ((long)row * kvWidth), kvWidth));
    }

    private void Rotate(float* source, float* target, int heads, ReadOnlySpan<float> cosines, ReadOnlySpan<float> sines)
    {
        int half = config.HeadDim / 2;
        for (int head = 0; head < heads; head++, source += config.HeadDim, target += config.HeadDim)
        {
            var a = new ReadOnlySpan<float>(source, half);
            var b = new ReadOnlySpan<float>(source + half, half);
            var first = new Span<float>(target, half);
            var second = new Span<float>(target + half, half);
            TensorPrimitives.Multiply(b, sines, first);
            TensorPrimitives.Negate(first, first);
            TensorPrimitives.MultiplyAdd(a, cosines, first, first);
            TensorPrimitives.Multiply(a, sines, second);
            TensorPrimitives.MultiplyAdd(b, cosines, second, second);
        }
    }
}

/// <summary>SwiGLU: y = silu(gate) * up, with gate and up side by side in a row of the fused product.</summary>
internal sealed unsafe class SwiGluKernel(int width) : RowKernel
{
    public float* Source { get; set; }

    public float* Target { get; set; }

    protected override void Row(int row)
    {
        var gate = new ReadOnlySpan<float>(Source + (2L * row * width), width);
        var up = new ReadOnlySpan<float>(Source + (2L * row * width) + width, width);
        var y = new Span<float>(Target + ((long)row * width), width);
        TensorPrimitives.Sigmoid(gate, y);
        TensorPrimitives.Multiply(y, gate, y);
        TensorPrimitives.Multiply(y, up, y);
    }
}
