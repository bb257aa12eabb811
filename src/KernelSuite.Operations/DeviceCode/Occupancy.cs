namespace KernelSuite.Operations;

/// <summary>What bounds how many blocks of a kernel share a multiprocessor.</summary>
public enum OccupancyLimit
{
    /// <summary>Resident warps.</summary>
    Warps,

    /// <summary>Resident blocks.</summary>
    Blocks,

    /// <summary>Registers.</summary>
    Registers,

    /// <summary>Shared memory.</summary>
    SharedMemory,
}

/// <summary>How full a kernel's blocks can make a multiprocessor (SM), by static facts alone.</summary>
/// <param name="Blocks">Blocks resident on an SM; 0 where a block of this size does not fit at all.</param>
/// <param name="Warps">Warps resident on an SM.</param>
/// <param name="Fraction">Resident warps over those that an SM can hold.</param>
/// <param name="Limit">What bounds it; where several do, the first of warps, blocks, registers, shared memory.</param>
public sealed record Occupancy(int Blocks, int Warps, double Fraction, OccupancyLimit Limit)
{
    private const int WarpSize = 32;

    /// <summary>
    /// Occupancy as the hardware allots resources: registers by warp in units of 256, within each of the SM's four partitions; shared
    /// memory by block in units of 128 bytes, and 1 KiB more that the driver keeps. The rules are those of cuda_occupancy.h.
    /// </summary>
    /// <param name="sm">The architecture.</param>
    /// <param name="threads">Threads of a block, 1 to 1024.</param>
    /// <param name="registers">Registers of a thread, 0 to 255.</param>
    /// <param name="sharedBytes">Shared memory of a block in bytes, static and dynamic.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number that no kernel can have.</exception>
    public static Occupancy Of(MultiprocessorFacts sm, int threads, int registers, int sharedBytes)
    {
        ArgumentNullException.ThrowIfNull(sm);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, MultiprocessorFacts.MaxThreadsPerBlock);
        ArgumentOutOfRangeException.ThrowIfNegative(registers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(registers, MultiprocessorFacts.MaxRegistersPerThread);
        ArgumentOutOfRangeException.ThrowIfNegative(sharedBytes);
        int warps = (threads + WarpSize - 1) / WarpSize;
        (int Blocks, OccupancyLimit Limit)[] bounds =
        [
            (sm.Warps / warps, OccupancyLimit.Warps),
            (sm.Blocks, OccupancyLimit.Blocks),
            (ByRegisters(warps, registers), OccupancyLimit.Registers),
            (BySharedMemory(sm, sharedBytes), OccupancyLimit.SharedMemory),
        ];
        (int blocks, OccupancyLimit limit) = bounds.MinBy(b => b.Blocks);
        return new Occupancy(blocks, blocks * warps, (double)blocks * warps / sm.Warps, limit);
    }

    private static int ByRegisters(int warps, int registers)
    {
        int perWarp = RoundUp(registers * WarpSize, MultiprocessorFacts.RegisterUnit);
        if (perWarp == 0) return int.MaxValue;

        // A launch is refused by the registers of its warps, counted as if they filled every partition alike.
        if (perWarp * RoundUp(warps, MultiprocessorFacts.Partitions) > MultiprocessorFacts.Registers) return 0;
        int perPartition = MultiprocessorFacts.Registers / MultiprocessorFacts.Partitions / perWarp;
        return perPartition * MultiprocessorFacts.Partitions / warps;
    }

    private static int BySharedMemory(MultiprocessorFacts sm, int bytes)
    {
        if (bytes > sm.SharedBytesPerBlock) return 0;
        return sm.SharedBytes / RoundUp(bytes + MultiprocessorFacts.ReservedSharedBytes, MultiprocessorFacts.SharedUnit);
    }

    private static int RoundUp(int value, int unit) => (value + unit - 1) / unit * unit;
}
