using System.Runtime.CompilerServices;
using KernelSuite.Operations.Attention;
using KernelSuite.Operations.Attention.Cpu;
using KernelSuite.Operations.Simd;

namespace KernelSuite.Operations.Scoring.Cpu;

/// <summary>
/// Logits of query rows against keys in the vector lanes: S = Q K^T needs only K transposed, once a task, and sums over the rows are
/// vertical. The transposition costs a key what some twenty query rows cost it; heads of a group share it.
/// </summary>
internal readonly unsafe struct KeyTiles<TSimd, TVector, TShape, T>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TShape : struct, ITileShape
    where T : unmanaged
{
    private readonly int headDim;
    private readonly int lanes;
    private readonly int queryStride;
    private readonly float sign;
    private readonly float capScale;
    private readonly float softCap;

    public KeyTiles(int headDim, float scale, float softCap, CpuScoringTiles tiles, int queryStride)
    {
        this.headDim = headDim;
        this.softCap = softCap;
        this.queryStride = queryStride;
        lanes = tiles.Lanes;

        // A negative scale turns the keys round and 0 makes all products 0, so that a masked -infinity is multiplied by a positive factor only.
        sign = scale == 0 ? 0 : MathF.Sign(scale);
        capScale = Math.Abs(scale);
        Factor = softCap > 0 || scale == 0 ? 1 : capScale;
    }

    /// <summary>What turns an element of the tile into a logit.</summary>
    public float Factor { get; }

    /// <summary>Packs keys as columns; lanes past the last become 0.</summary>
    public void PackKeys(CpuScoringScratch.Worker w, T* k, long rowStride, int count)
    {
        for (int first = 0; first < count; first += lanes)
        {
            TileCopy<TSimd, TVector, T>.PackTransposed(
                k + (first * rowStride), rowStride, Math.Min(lanes, count - first), headDim, sign, w.Keys + ((long)first * headDim), lanes, w.Transpose);
        }
    }

    /// <summary>Stages query rows and their LSE, negated; a row that saw no key gets -infinity, and so exp(logit - lse) = 0.</summary>
    public void StageQueries(CpuScoringScratch.Worker w, T* q, long rowStride, float* lse, int rows)
    {
        TileCopy<TSimd, TVector, T>.Load(q, rowStride, rows, headDim, w.Queries, queryStride);
        for (int i = 0; i < rows; i++) w.Lse[i] = float.IsNegativeInfinity(lse[i]) ? float.NegativeInfinity : -lse[i];
    }

    /// <summary>Products of staged rows, from <paramref name="firstRow"/> on, with the keys of a group, soft-capped: times <see cref="Factor"/> they are logits.</summary>
    public void Multiply(CpuScoringScratch.Worker w, int group, int firstRow, int rows)
    {
        MicroKernels<TSimd, TVector, TShape, RowMajor>.Multiply(
            rows, headDim, w.Queries + (firstRow * queryStride), queryStride, w.Keys + ((long)group * lanes * headDim), w.Tile, null);
        if (softCap > 0) OnlineSoftmax<TSimd, TVector, TShape>.SoftCap(w.Tile, rows * lanes, capScale, softCap);
    }
}
