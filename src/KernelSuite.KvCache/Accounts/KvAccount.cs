namespace KernelSuite.KvCache;

/// <summary>What a cache holds at one moment.</summary>
/// <param name="BytesHeld">
/// Everything the cache holds that grows with its budget: the byte lengths of all its device buffers, and of the positions and page lists that it keeps on the host.
/// Never above <paramref name="BudgetBytes"/>. Staging tiles of the kernels are apart, in <see cref="KernelScratchBytes"/>.
/// </param>
/// <param name="BudgetBytes">The budget.</param>
/// <param name="PeakBytesHeld">Largest <paramref name="BytesHeld"/> so far.</param>
/// <param name="Purges">Times that a layer had no room and gave up tokens while decoding, all layers together.</param>
/// <param name="Layers">Tokens by layer.</param>
public sealed record KvAccount(long BytesHeld, long BudgetBytes, long PeakBytesHeld, int Purges, IReadOnlyList<KvLayerAccount> Layers)
{
    /// <summary>Bytes of <see cref="BytesHeld"/> that lie on the device.</summary>
    public long DeviceBytes { get; init; }

    /// <summary>
    /// Workspace of the plans that holds nothing of the sequence and is the same for the smallest cache: staging tiles of the threads on the cpu device. Not part of
    /// <see cref="BytesHeld"/>.
    /// </summary>
    public long KernelScratchBytes { get; init; }

    /// <summary>
    /// Bytes that a prompt or a chunk of it in progress holds besides: LSE, scores, gathered rows of one layer, workspace of its plans. 0 once it
    /// is over.
    /// </summary>
    public long WorkspaceBytes { get; init; }

    /// <summary>Largest <see cref="WorkspaceBytes"/> so far.</summary>
    public long PeakWorkspaceBytes { get; init; }

    /// <summary>Pages of the slab, and those not in use.</summary>
    public (int Total, int Free) Pages { get; init; }

    /// <summary>Bytes of rows in use: keys and values of the tokens held, without rounding to pages and tables.</summary>
    public long RowBytes { get; init; }
}

/// <summary>Tokens of a layer by state, summed over its KV heads.</summary>
/// <param name="OriginalRows">Rows held in full, over all KV heads.</param>
/// <param name="QuantisedRows">Rows held quantised.</param>
/// <param name="EvictedRows">Rows given up.</param>
/// <param name="KvHeads">KV heads.</param>
public sealed record KvLayerAccount(long OriginalRows, long QuantisedRows, long EvictedRows, int KvHeads)
{
    /// <summary>Tokens held in full, the mean over KV heads.</summary>
    public double Original => (double)OriginalRows / KvHeads;

    /// <summary>Tokens held quantised, the mean over KV heads.</summary>
    public double Quantised => (double)QuantisedRows / KvHeads;

    /// <summary>Tokens given up, the mean over KV heads.</summary>
    public double Evicted => (double)EvictedRows / KvHeads;
}
