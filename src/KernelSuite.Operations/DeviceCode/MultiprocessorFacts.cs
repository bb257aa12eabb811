namespace KernelSuite.Operations;

/// <summary>
/// What a multiprocessor (SM) of an architecture holds. From the CUDA C++ Programming Guide, "Technical Specifications per Compute
/// Capability" (tables of versions 11.8 and 12), and cuda_occupancy.h for the units in which it is allotted.
/// </summary>
/// <param name="Warps">Warps at a time.</param>
/// <param name="Blocks">Blocks at a time.</param>
/// <param name="SharedBytes">Shared memory in bytes.</param>
/// <param name="SharedBytesPerBlock">Most shared memory that one block may ask for, in bytes.</param>
public sealed record MultiprocessorFacts(int Warps, int Blocks, int SharedBytes, int SharedBytesPerBlock)
{
    /// <summary>32-bit registers of an SM, and the most that one block may have; the same on every architecture here.</summary>
    public const int Registers = 65536;

    /// <summary>Registers are given to a warp in this unit.</summary>
    public const int RegisterUnit = 256;

    /// <summary>Most registers of a thread.</summary>
    public const int MaxRegistersPerThread = 255;

    /// <summary>Parts of an SM that have schedulers and registers of their own.</summary>
    public const int Partitions = 4;

    /// <summary>Most threads of a block.</summary>
    public const int MaxThreadsPerBlock = 1024;

    /// <summary>Shared memory of each block that the driver keeps, in bytes.</summary>
    public const int ReservedSharedBytes = 1024;

    /// <summary>Shared memory is given to a block in this unit of bytes.</summary>
    public const int SharedUnit = 128;

    /// <summary>The facts of a target such as <c>sm_86</c> or <c>sm_90a</c>; null for one that the table does not hold.</summary>
    public static MultiprocessorFacts? Of(string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return target.TrimEnd('a') switch
        {
            "sm_80" => new MultiprocessorFacts(64, 32, 164 << 10, 163 << 10),
            "sm_86" => new MultiprocessorFacts(48, 16, 100 << 10, 99 << 10),
            "sm_89" => new MultiprocessorFacts(48, 24, 100 << 10, 99 << 10),
            "sm_90" => new MultiprocessorFacts(64, 32, 228 << 10, 227 << 10),
            _ => null,
        };
    }
}
