namespace KernelSuite.Runtime;

/// <summary>What a kernel did wrong, as a device that checks execution sees it.</summary>
public enum KernelFaultKind
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>An access outside every allocation and shared array, or past the end of one.</summary>
    OutOfBounds = 1,

    /// <summary>An access to memory that was freed.</summary>
    Freed = 2,

    /// <summary>An address that is no multiple of the access's natural alignment.</summary>
    Misaligned = 3,

    /// <summary>Shared memory read before it was written, or before the cp.async that fills it was waited for.</summary>
    UninitialisedShared = 4,

    /// <summary>Two threads, shared memory, at least one write, and nothing that orders them.</summary>
    Race = 5,

    /// <summary>Threads of one block wait at different barriers.</summary>
    DivergentBarrier = 6,

    /// <summary>Lanes of one warp mask call different operations, or a lane is not in its own mask.</summary>
    MismatchedCollective = 7,

    /// <summary>Every thread that is left waits for one that can never come.</summary>
    Deadlock = 8,

    /// <summary>More shared memory than a block may have.</summary>
    SharedLimit = 9,

    /// <summary>A thread needs more stack than it has.</summary>
    StackOverflow = 10,

    /// <summary>An operation with operands that the hardware does not have.</summary>
    InvalidOperation = 11,

    /// <summary>A trap, or a failed assertion in the kernel.</summary>
    Trap = 12,

    /// <summary>The launch took longer than the device allows it.</summary>
    Timeout = 13,
}

/// <summary>
/// A kernel did something wrong and its launch was stopped there. The device stays usable; memory holds what had been written by then.
/// </summary>
public sealed class KernelFaultException : DeviceException
{
    internal KernelFaultException(string message, string device, int code)
        : base(message, "launch", device, code)
    {
    }

    /// <summary>What sort of fault.</summary>
    public KernelFaultKind Kind => (KernelFaultKind)Code;

    /// <summary>The kernel's name.</summary>
    public required string Kernel { get; init; }

    /// <summary>Block index of the thread that was stopped.</summary>
    public (int X, int Y, int Z) Block { get; init; }

    /// <summary>Its index within the block.</summary>
    public (int X, int Y, int Z) Thread { get; init; }

    /// <summary>The other thread of a race or a mismatch; null where there is none.</summary>
    public (int X, int Y, int Z)? OtherThread { get; init; }

    /// <summary>First byte of the access; 0 where the fault is not an access.</summary>
    public ulong Address { get; init; }

    /// <summary>Size of the access in bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>The allocation or shared array that was hit or is nearest, in words; empty where there is none.</summary>
    public string Target { get; init; } = string.Empty;

    /// <summary>Source file and line, for example <c>kernels/attention/attention_tile.h:95</c>; empty where unknown.</summary>
    public string Location { get; init; } = string.Empty;
}
