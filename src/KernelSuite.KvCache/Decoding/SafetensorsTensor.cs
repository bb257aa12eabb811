using System.Collections.Immutable;

namespace KernelSuite.KvCache.Decoding;

/// <summary>A tensor as the header of a safetensors file lists it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="DType">Element type in the format's own spelling: F32, F16, BF16, I64, …</param>
/// <param name="Shape">Extents, slowest-varying first; empty for a scalar.</param>
/// <param name="Offset">Where its bytes begin, counted from the start of the file.</param>
/// <param name="ByteLength">Its bytes.</param>
public sealed record SafetensorsTensor(string Name, string DType, ImmutableArray<long> Shape, long Offset, long ByteLength)
{
    /// <summary>Number of elements.</summary>
    public long ElementCount => ByteLength / ElementSize(DType);

    /// <summary>Whether this reader gives its elements; the header may list others.</summary>
    public bool IsReadable => DType is "F32" or "F16" or "BF16";

    /// <summary>Bytes of an element; 0 for an unknown name. Formats below a byte are not listed here.</summary>
    internal static int ElementSize(string dtype) => dtype switch
    {
        "F64" or "I64" or "U64" or "C64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "I8" or "U8" or "BOOL" or "F8_E4M3" or "F8_E5M2" or "F8_E8M0" => 1,
        _ => 0,
    };
}
