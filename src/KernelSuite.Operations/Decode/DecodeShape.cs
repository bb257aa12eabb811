using KernelSuite.Operations.Attention;

namespace KernelSuite.Operations.Decode;

/// <summary>Extents of a decode problem besides its slots: q [B,Hq,Nq,D], keys [B,Hk,..,D], values [B,Hk,..,Dv], out [B,Hq,Nq,Dv], lse [B,Hq,Nq].</summary>
/// <param name="Batch">B, 0 or more.</param>
/// <param name="QueryHeads">Hq, a multiple of <paramref name="KvHeads"/>; each key/value head serves Hq/Hk query heads.</param>
/// <param name="KvHeads">Hk, 1 or more.</param>
/// <param name="QueryLength">Nq, 1 to 16.</param>
/// <param name="HeadDim">D, 1 to 256.</param>
/// <param name="ValueDim">Dv, 1 to 256; 0 stands for D.</param>
public sealed record DecodeShape(int Batch, int QueryHeads, int KvHeads, int QueryLength, int HeadDim, int ValueDim = 0)
{
    /// <summary>Largest Nq. More new tokens than that are a prefill: use attention.</summary>
    public const int MaxQueryLength = 16;

    /// <summary>Dv with its default resolved.</summary>
    public int ValueDim { get; init; } = ValueDim == 0 ? HeadDim : ValueDim;

    /// <summary>Query rows that read the same keys and values: Hq/Hk * Nq. Row r of a KV head is query head h * (Hq/Hk) + r / Nq, query r % Nq.</summary>
    public int RowsPerKvHead => QueryHeads / KvHeads * QueryLength;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Batch);
        ArgumentOutOfRangeException.ThrowIfLessThan(KvHeads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueryHeads, 1);
        if (QueryHeads % KvHeads != 0)
            throw new ArgumentException($"Hq = {QueryHeads} is not a multiple of Hk = {KvHeads}; each key/value head serves Hq/Hk query heads.", nameof(QueryHeads));
        if (QueryLength is < 1 or > MaxQueryLength)
            throw new ArgumentOutOfRangeException(nameof(QueryLength), QueryLength, $"Nq = {QueryLength}. Expected 1 to {MaxQueryLength}; use attention for longer runs of queries.");
        CheckDim(HeadDim, nameof(HeadDim), "D");
        CheckDim(ValueDim, nameof(ValueDim), "Dv");
        if ((double)Batch * QueryHeads * QueryLength > 1 << 30)
            throw new ArgumentException($"B * Hq * Nq = {(double)Batch * QueryHeads * QueryLength:E2} query rows. Expected at most 2^30; split the batch.", nameof(Batch));
    }

    private static void CheckDim(int value, string name, string symbol)
    {
        if (value is < 1 or > AttentionShape.MaxHeadDim)
            throw new ArgumentOutOfRangeException(name, value, $"{symbol} = {value}. Expected 1 to {AttentionShape.MaxHeadDim}.");
    }
}
