using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Runtime;

/// <summary>Allocates host memory, or says by how much it does not fit.</summary>
internal static class HostAllocator
{
    /// <summary>Below this a look at the operating system's figures costs more than it saves.</summary>
    private const long AlwaysAsked = 64L << 20;

    /// <summary>Throws if the host has fewer than <paramref name="bytes"/> left. An operating system that overcommits would say yes and kill later.</summary>
    /// <exception cref="DeviceOutOfMemoryException">It does not fit.</exception>
    public static void CheckFits(long bytes, string device)
    {
        if (bytes < AlwaysAsked) return;
        long free = CpuFacts.ReadMemory().Free;
        if (free >= 0 && bytes > free) throw OutOfMemory(bytes, device);
    }

    public static HostBuffer<T> Allocate<T>(long length, string device)
        where T : unmanaged
    {
        long bytes = BufferBounds.ByteCount<T>(length);
        CheckFits(bytes, device);
        try
        {
            return new HostBuffer<T>(length);
        }
        catch (OutOfMemoryException)
        {
            throw OutOfMemory(bytes, device);
        }
    }

    public static DeviceOutOfMemoryException OutOfMemory(long bytes, string device) =>
        new(device, "host allocation", 0, bytes, CpuFacts.ReadMemory().Free, "Free other buffers or use a smaller shape.");
}
