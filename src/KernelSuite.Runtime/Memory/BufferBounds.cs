using System.Runtime.CompilerServices;

namespace KernelSuite.Runtime;

/// <summary>The one place where element counts become byte counts, checked.</summary>
internal static class BufferBounds
{
    /// <summary>No device has more than 2^47 bytes; a request above is a mistake in the shape, not a memory problem.</summary>
    private const long MaxBytes = 1L << 47;

    public static long ByteCount<T>(long length)
        where T : unmanaged => ByteCount(Unsafe.SizeOf<T>(), length);

    public static long ByteCount(int elementSize, long length)
    {
        if (length < 0 || length > MaxBytes / elementSize)
            throw new ArgumentOutOfRangeException(nameof(length), length, $"Expected 0 to {MaxBytes / elementSize:N0} elements of {elementSize} bytes.");
        return length * elementSize;
    }

    /// <summary>Checks that [offset, offset + count) lies inside a buffer of <paramref name="length"/> elements.</summary>
    public static void CheckRange(long offset, long count, long length, string name)
    {
        if (offset < 0 || count < 0 || offset > length - count)
            throw new ArgumentOutOfRangeException(name, $"Elements [{offset}, {offset}+{count}) lie outside a buffer of {length} elements.");
    }
}
