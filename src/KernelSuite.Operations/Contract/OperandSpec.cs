using System.Collections.Immutable;
using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>An input or output tensor of a problem: dtype, shape and where its elements lie.</summary>
public sealed record OperandSpec
{
    /// <summary>The operand's name, as on the command line: <c>q</c>, <c>k</c>, <c>out</c>, …</summary>
    public required string Name { get; init; }

    /// <summary>Element type in memory.</summary>
    public required DType DType { get; init; }

    /// <summary>Extents, outermost first.</summary>
    public required ImmutableArray<long> Shape { get; init; }

    /// <summary>Strides in elements, outermost first. Gaps between rows are allowed and never touched.</summary>
    public required ImmutableArray<long> Strides { get; init; }

    /// <summary>Whether the operation writes it.</summary>
    public bool IsOutput { get; init; }

    /// <summary>Whether it may be absent.</summary>
    public bool IsOptional { get; init; }

    /// <summary>Number of elements.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, extent) => checked(product * extent));

    /// <summary>Elements from the first to one past the last in memory; 0 for an empty tensor.</summary>
    public long StorageLength
    {
        get
        {
            long last = 0;
            for (int i = 0; i < Shape.Length; i++)
            {
                if (Shape[i] == 0) return 0;
                last = checked(last + ((Shape[i] - 1) * Strides[i]));
            }

            return last + 1;
        }
    }

    /// <summary>Bytes that the elements occupy, gaps not counted.</summary>
    public long ByteCount => checked(ElementCount * DType.SizeOf());

    /// <summary>Row-major strides of a shape.</summary>
    public static ImmutableArray<long> Contiguous(params ReadOnlySpan<long> shape)
    {
        var strides = new long[shape.Length];
        long next = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = next;
            next = checked(next * Math.Max(shape[i], 1));
        }

        return [.. strides];
    }
}
