using KernelSuite.Operations.Attention.Cpu;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Dense;

/// <summary>Gives rows of a matrix, widened to float32.</summary>
/// <param name="first">First row asked for.</param>
/// <param name="target">Whole rows, one behind the other, to be filled.</param>
public delegate void MatrixRowReader(int first, Span<float> target);

/// <summary>
/// A weight matrix W [outputs, inputs] in float32, laid out for <see cref="CpuGemm"/>: panels of as many outputs as the register tile is wide,
/// each [inputs, width], so that a product reads every panel once, from front to back. Outputs that the last panel lacks are zeros.
/// Immutable once packed; any number of threads may use it.
/// </summary>
public sealed unsafe class PackedMatrix : IDisposable
{
    private readonly HostBuffer<float> panels;

    private PackedMatrix(int outputs, int inputs, CpuSimd simd)
    {
        Outputs = outputs;
        Inputs = inputs;
        Simd = simd;
        PanelWidth = CpuGemm.TileWidth(simd);
        Panels = (outputs + PanelWidth - 1) / PanelWidth;
        panels = new HostBuffer<float>((long)Panels * inputs * PanelWidth);
    }

    /// <summary>Rows of W: elements of a result.</summary>
    public int Outputs { get; }

    /// <summary>Columns of W: elements of an argument.</summary>
    public int Inputs { get; }

    /// <summary>The vector width that the panels were laid out for.</summary>
    public CpuSimd Simd { get; }

    /// <summary>Bytes held.</summary>
    public long ByteLength => panels.Length * sizeof(float);

    internal int PanelWidth { get; }

    internal int Panels { get; }

    /// <summary>Packs a matrix panel by panel; besides the result it holds the rows of one panel.</summary>
    /// <param name="outputs">Rows of W, 1 or more.</param>
    /// <param name="inputs">Columns of W, 1 or more.</param>
    /// <param name="simd">Vector width of the device that will multiply.</param>
    /// <param name="read">Called with consecutive runs of rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">No rows or no columns, or rows too long to stage a panel of them.</exception>
    /// <exception cref="OutOfMemoryException">The matrix does not fit.</exception>
    public static PackedMatrix Pack(int outputs, int inputs, CpuSimd simd, MatrixRowReader read)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        ArgumentNullException.ThrowIfNull(read);
        int width = CpuGemm.TileWidth(simd);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inputs, int.MaxValue / width);
        var matrix = new PackedMatrix(outputs, inputs, simd);
        try
        {
            // The transposition of attention's query tiles stages its rows once more; they are float already, which costs a copy at load time.
            using var rows = new HostBuffer<float>((long)width * inputs);
            using var staged = new HostBuffer<float>((long)width * inputs);
            for (int panel = 0; panel < matrix.Panels; panel++)
            {
                int first = panel * width, count = Math.Min(width, outputs - first);
                read(first, rows.Span[..(count * inputs)]);
                TileCopy<SimdScalar, float, float>.PackTransposed(rows.Pointer, inputs, count, inputs, 1, matrix.Panel(panel), width, staged.Pointer);
            }

            return matrix;
        }
        catch
        {
            matrix.Dispose();
            throw;
        }
    }

    /// <summary>Copies a row of W: how an embedding that is tied to the output is looked up.</summary>
    /// <param name="row">0 to <see cref="Outputs"/> - 1.</param>
    /// <param name="target"><see cref="Inputs"/> elements.</param>
    /// <exception cref="ArgumentException">The row or the target does not fit.</exception>
    public void ReadRow(int row, Span<float> target)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Outputs);
        if (target.Length != Inputs) throw new ArgumentException($"'{nameof(target)}' holds {target.Length} elements. Expected {Inputs}.", nameof(target));
        float* source = Panel(row / PanelWidth) + (row % PanelWidth);
        for (int i = 0; i < target.Length; i++) target[i] = source[(nint)i * PanelWidth];
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Dispose() => panels.Dispose();

    /// <summary>Start of a panel.</summary>
    internal float* Panel(int panel) => panels.Pointer + ((long)panel * Inputs * PanelWidth);
}
