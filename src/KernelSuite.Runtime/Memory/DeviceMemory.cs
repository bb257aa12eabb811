namespace KernelSuite.Runtime;

/// <summary>Untyped device memory. Freed by <see cref="Dispose()"/>, or by the finaliser of its safe handle.</summary>
public abstract class DeviceMemory : IDisposable
{
    /// <summary>The device that owns it.</summary>
    public abstract Device Device { get; }

    /// <summary>Size in bytes.</summary>
    public abstract long ByteLength { get; }

    /// <summary>Whether the memory has been freed.</summary>
    public abstract bool IsDisposed { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory once.</summary>
    protected abstract void Dispose(bool disposing);
}

/// <summary>Typed device memory.</summary>
/// <typeparam name="T">Element type: float, Half, BFloat16, double, int or another blittable type.</typeparam>
public sealed class DeviceBuffer<T> : IDisposable
    where T : unmanaged
{
    internal DeviceBuffer(DeviceMemory memory, long length)
    {
        Memory = memory;
        Length = length;
    }

    /// <summary>The untyped memory underneath.</summary>
    public DeviceMemory Memory { get; }

    /// <summary>Length in elements.</summary>
    public long Length { get; }

    /// <summary>The whole buffer as an operand of an operation.</summary>
    public static implicit operator DeviceSlice(DeviceBuffer<T> buffer) => buffer?.ToDeviceSlice() ?? default;

    /// <summary>The whole buffer as an operand of an operation.</summary>
    public DeviceSlice ToDeviceSlice() => new(Memory, 0);

    /// <summary>The buffer from <paramref name="elementOffset"/> on, as an operand of an operation.</summary>
    public DeviceSlice Slice(long elementOffset)
    {
        BufferBounds.CheckRange(elementOffset, 0, Length, nameof(elementOffset));
        return new DeviceSlice(Memory, elementOffset);
    }

    /// <inheritdoc/>
    public void Dispose() => Memory.Dispose();
}

/// <summary>Device memory from an element offset on: how an operation is handed its operands. The default value means "absent".</summary>
/// <param name="Memory">The memory, or null where the operand is absent.</param>
/// <param name="ElementOffset">Offset of the operand's first element, in elements of the operand's dtype.</param>
public readonly record struct DeviceSlice(DeviceMemory? Memory, long ElementOffset)
{
    /// <summary>Whether there is memory behind it.</summary>
    public bool IsPresent => Memory is not null;
}
