using KernelSuite.Operations.Attention;
using KernelSuite.Operations.KvStorage;

namespace KernelSuite.Operations.Decode;

/// <summary>
/// Where the tensors of a decode problem lie, in elements of each; null members are contiguous. For tensors of a cache, Batch is from one page to the next where
/// the segment is paged, and Row from one slot to the next. Page tables, lengths, lse and logits are contiguous.
/// </summary>
public sealed record DecodeLayout
{
    /// <summary>Strides of q [B,Hq,Nq,D].</summary>
    public TensorStrides? Q { get; init; }

    /// <summary>Strides of k.</summary>
    public TensorStrides? K { get; init; }

    /// <summary>Strides of v.</summary>
    public TensorStrides? V { get; init; }

    /// <summary>Strides of the output [B,Hq,Nq,Dv].</summary>
    public TensorStrides? Out { get; init; }

    /// <summary>Strides of the keys' codes, in bytes.</summary>
    public TensorStrides? KCodes { get; init; }

    /// <summary>Strides of the keys' group factors, in bytes.</summary>
    public TensorStrides? KGroups { get; init; }

    /// <summary>Strides of the keys' scales [..,Hk,slots], in floats.</summary>
    public TensorStrides? KScales { get; init; }

    /// <summary>Strides of the values' codes, in bytes.</summary>
    public TensorStrides? VCodes { get; init; }

    /// <summary>Strides of the values' group factors, in bytes.</summary>
    public TensorStrides? VGroups { get; init; }

    /// <summary>Strides of the values' scales [..,Hk,slots], in floats.</summary>
    public TensorStrides? VScales { get; init; }
}

/// <summary>The quantised segment of a mixed cache.</summary>
/// <param name="Format">How its key and value rows are stored.</param>
/// <param name="Slots">How many there are, and where.</param>
public sealed record QuantisedSegment(KvFormat Format, DecodeSegment Slots);
