using KernelSuite.Operations.Attention;

namespace KernelSuite.Operations.Scoring;

/// <summary>Extents of a scoring problem: q [B,Hq,Nq,D] against k [B,Hk,N,D], or logits [B,Hq,Nq,N].</summary>
/// <param name="Batch">B, 0 or more.</param>
/// <param name="QueryHeads">Hq, a multiple of <paramref name="KvHeads"/>: a group of G = Hq / Hk query heads scores each KV head.</param>
/// <param name="KvHeads">Hk, 1 or more.</param>
/// <param name="QueryLength">Query rows that score; the last ones of a sequence.</param>
/// <param name="KvLength">N, keys that are scored, 0 or more.</param>
/// <param name="HeadDim">D, 1 to 256. Of no meaning where the logits are given; then 1.</param>
public sealed record ScoringShape(int Batch, int QueryHeads, int KvHeads, int QueryLength, int KvLength, int HeadDim = 1)
{
    /// <summary>G, query heads of a KV head.</summary>
    public int HeadsPerKv => QueryHeads / KvHeads;

    internal void Validate() => new AttentionShape(Batch, QueryHeads, KvHeads, QueryLength, KvLength, HeadDim).Validate();
}
