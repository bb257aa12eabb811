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

    /// <summary>Checks that a copy within one buffer does not read what it writes.</summary>
    public static void CheckDisjoint(long source, long target, long count, string name)
    {
        if (count > 0 && Math.Abs(source - target) < count)
            throw new ArgumentException($"Bytes [{source}, {source}+{count}) and [{target}, {target}+{count}) of one buffer overlap; copy by way of a second buffer.", name);
    }
}
