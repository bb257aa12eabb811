namespace KernelSuite.Operations.Attention;

/// <summary>Extents of an attention problem: q [B,Hq,Nq,D], k [B,Hk,Nk,D], v [B,Hk,Nk,Dv], out [B,Hq,Nq,Dv], lse [B,Hq,Nq].</summary>
/// <param name="Batch">B, 0 or more.</param>
/// <param name="QueryHeads">Hq, a multiple of <paramref name="KvHeads"/> (equal: MHA; more: GQA; KvHeads = 1: MQA).</param>
/// <param name="KvHeads">Hk, 1 or more.</param>
/// <param name="QueryLength">Nq, 0 or more.</param>
/// <param name="KvLength">Nk, 0 or more.</param>
/// <param name="HeadDim">D, 1 to 256.</param>
/// <param name="ValueDim">Dv, 1 to 256; 0 stands for D.</param>
public sealed record AttentionShape(int Batch, int QueryHeads, int KvHeads, int QueryLength, int KvLength, int HeadDim, int ValueDim = 0)
{
    /// <summary>Largest D and Dv.</summary>
    public const int MaxHeadDim = 256;

    /// <summary>Dv with its default resolved.</summary>
    public int ValueDim { get; init; } = ValueDim == 0 ? HeadDim : ValueDim;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Batch);
        ArgumentOutOfRangeException.ThrowIfNegative(QueryLength);
        ArgumentOutOfRangeException.ThrowIfNegative(KvLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(KvHeads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueryHeads, 1);
        if (QueryHeads % KvHeads != 0)
            throw new ArgumentException($"Hq = {QueryHeads} is not a multiple of Hk = {KvHeads}; each key/value head serves Hq/Hk query heads.", nameof(QueryHeads));
        CheckDim(HeadDim, nameof(HeadDim), "D");
        CheckDim(ValueDim, nameof(ValueDim), "Dv");
        CheckSize((long)Batch * QueryHeads, QueryLength, Math.Max(HeadDim, ValueDim), "q and out");
        CheckSize((long)Batch * KvHeads, KvLength, Math.Max(HeadDim, ValueDim), "k and v");
    }

    private static void CheckDim(int value, string name, string symbol)
    {
        if (value is < 1 or > MaxHeadDim)
            throw new ArgumentOutOfRangeException(name, value, $"{symbol} = {value}. Expected 1 to {MaxHeadDim}.");
    }

    private static void CheckSize(long heads, long rows, long width, string what)
    {
        // 2^40 elements are beyond any device; the bound keeps every later product inside 64 bits.
        const double MaxElements = 1L << 40;
        if ((double)heads * rows * width > MaxElements)
            throw new ArgumentException($"{what} would have {(double)heads * rows * width:E2} elements. Expected at most 2^40.");
    }
}
