using KernelSuite.Operations.KvStorage;

namespace KernelSuite.Operations.Decode;

/// <summary>Slots of a key/value cache that are stored alike: how many there can be, and how they are found.</summary>
public sealed record DecodeSegment
{
    private const int MaxSlots = 1 << 30;

    private DecodeSegment(int slots, KvPaging? paging, bool hasLengths)
    {
        Slots = slots;
        Paging = paging;
        HasLengths = hasLengths;
    }

    /// <summary>N: most slots of a sequence; with paging, PagesPerSequence * PageSize.</summary>
    public int Slots { get; }

    /// <summary>Pages; null for tensors [B, Hk, N, ..].</summary>
    public KvPaging? Paging { get; }

    /// <summary>Whether an int32 [B] operand gives each sequence's number of valid slots. A paged segment always has one.</summary>
    public bool HasLengths { get; }

    /// <summary>First extent of its tensors: pages of the pool, or the batch.</summary>
    public int Blocks(int batch) => Paging?.Pages ?? batch;

    /// <summary>Third extent of its tensors: slots of a page, or N.</summary>
    public int BlockSlots => Paging?.PageSize ?? Slots;

    /// <summary>Tensors [B, Hk, N, ..].</summary>
    /// <param name="slots">N, 0 to 2^30.</param>
    /// <param name="hasLengths">Whether each sequence has a length of its own.</param>
    /// <exception cref="ArgumentOutOfRangeException">N is out of range.</exception>
    public static DecodeSegment Contiguous(int slots, bool hasLengths = false)
    {
        if (slots is < 0 or > MaxSlots) throw new ArgumentOutOfRangeException(nameof(slots), slots, $"N = {slots}. Expected 0 to 2^30 slots.");
        return new DecodeSegment(slots, null, hasLengths);
    }

    /// <summary>Tensors [Pages, Hk, PageSize, ..] with an int32 page table [B, PagesPerSequence] and lengths.</summary>
    /// <param name="paging">Pages.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of range.</exception>
    public static DecodeSegment Paged(KvPaging paging)
    {
        ArgumentNullException.ThrowIfNull(paging);
        paging.Validate(nameof(paging));
        return new DecodeSegment((int)paging.Capacity, paging, true);
    }
}
