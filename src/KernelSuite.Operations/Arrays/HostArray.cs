using System.Collections.Immutable;
using System.Runtime.InteropServices;

using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>
/// A dense C-order array in host memory that it owns: 64-byte aligned, at a fixed address, outside the managed heap. Holds at most
/// <see cref="int.MaxValue"/> elements, so that a typed span always covers all of it.
/// </summary>
/// <remarks>A span or pointer taken from the array is valid until <see cref="Dispose"/>; keep the array referenced while using one.</remarks>
public sealed unsafe class HostArray : IDisposable
{
    private readonly HostBuffer<byte> memory;

    /// <summary>Allocates zeros.</summary>
    /// <param name="dtype">Element type.</param>
    /// <param name="shape">Extents, slowest-varying axis first; empty for a scalar. At most 8 axes and <see cref="int.MaxValue"/> elements.</param>
    /// <exception cref="ArgumentException">A negative extent, too many axes or too many elements.</exception>
    /// <exception cref="OutOfMemoryException">The operating system has no such block.</exception>
    public HostArray(DType dtype, params ReadOnlySpan<long> shape)
    {
        if (!ArrayShape.TryCount(shape, out int length, out string problem))
        {
            throw new ArgumentException(
                $"shape has {problem}. Expected at most {ArrayShape.MaxRank} non-negative extents and {int.MaxValue:N0} elements.",
                nameof(shape));
        }

        DType = dtype;
        Shape = [.. shape];
        Length = length;
        ByteLength = (long)length * dtype.SizeOf();
        memory = new HostBuffer<byte>(ByteLength);
    }

    /// <summary>Element type.</summary>
    public DType DType { get; }

    /// <summary>Extents, slowest-varying axis first; empty for a scalar.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>Number of axes.</summary>
    public int Rank => Shape.Length;

    /// <summary>Number of elements: the product of the extents.</summary>
    public int Length { get; }

    /// <summary>Size in bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Address of the first element, 64-byte aligned.</summary>
    /// <exception cref="ObjectDisposedException">The array has been disposed.</exception>
    public byte* Pointer => memory.Pointer;

    /// <summary>The elements as raw bytes, in the host's byte order.</summary>
    /// <exception cref="InvalidOperationException">More than <see cref="int.MaxValue"/> bytes; use <see cref="Pointer"/>.</exception>
    /// <exception cref="ObjectDisposedException">The array has been disposed.</exception>
    public Span<byte> Bytes => memory.Span;

    /// <summary>Allocates zeros; the same as the constructor, for places where a named factory reads better.</summary>
    public static HostArray Zeros(DType dtype, params ReadOnlySpan<long> shape) => new(dtype, shape);

    /// <summary>Copies <paramref name="values"/> into a new array of the dtype that stores <typeparamref name="T"/>.</summary>
    /// <param name="values">All elements in C order.</param>
    /// <param name="shape">Extents; none gives a vector of <paramref name="values"/>' length.</param>
    /// <exception cref="ArgumentException">The shape is refused, or does not hold exactly the given values.</exception>
    /// <exception cref="NotSupportedException">No dtype stores <typeparamref name="T"/>.</exception>
    public static HostArray FromSpan<T>(ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        DType dtype = DTypes.Of<T>();
        if (shape.IsEmpty) shape = [values.Length];
        if (ArrayShape.TryCount(shape, out int length, out _) && length != values.Length)
        {
            throw new ArgumentException(
                $"shape {ArrayShape.Text(shape)} holds {length:N0} elements but values has {values.Length:N0}. Pass as many values as the shape holds.",
                nameof(shape));
        }

        var array = new HostArray(dtype, shape);
        values.CopyTo(array.AsSpan<T>());
        return array;
    }

    /// <summary>The elements in C order.</summary>
    /// <typeparam name="T">float, Half, BFloat16, double or int: the one that <see cref="DType"/> names.</typeparam>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> is not the array's element type.</exception>
    /// <exception cref="NotSupportedException">No dtype stores <typeparamref name="T"/>.</exception>
    /// <exception cref="ObjectDisposedException">The array has been disposed.</exception>
    public Span<T> AsSpan<T>()
        where T : unmanaged
    {
        DType asked = DTypes.Of<T>();
        if (asked != DType)
        {
            throw new InvalidOperationException(
                $"The array holds {DType.Name()} but was asked for as {asked.Name()}. Ask for its own type, or convert the elements first.");
        }

        return new Span<T>(Pointer, Length);
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    /// <summary>Dtype and shape, for example <c>float32 (2, 3)</c>.</summary>
    public override string ToString() => $"{DType.Name()} {ArrayShape.Text(Shape.AsSpan())}";

    /// <summary>A piece of the raw memory, for arrays of more bytes than one span covers.</summary>
    internal Span<byte> ByteWindow(long offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, ByteLength - count);
        return MemoryMarshal.CreateSpan(ref Pointer[offset], count);
    }
}
