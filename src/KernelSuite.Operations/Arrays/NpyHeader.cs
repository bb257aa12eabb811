using System.Collections.Immutable;

using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>What the head of a .npy file says about the array behind it, checked.</summary>
/// <param name="Version">Major format version: 1, 2 or 3.</param>
/// <param name="DType">Element type.</param>
/// <param name="Shape">Extents, slowest-varying axis first; empty for a scalar.</param>
/// <param name="Length">Number of elements.</param>
/// <param name="DataOffset">Bytes from the magic to the first element.</param>
public sealed record NpyHeader(int Version, DType DType, ImmutableArray<long> Shape, int Length, int DataOffset)
{
    /// <summary>Size of the elements in bytes.</summary>
    public long DataBytes => (long)Length * DType.SizeOf();
}
