using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelSuite.Operations.Selection.Cpu;

/// <summary>
/// The passes of a sampled selection over the scores of a piece, on vectors of 512 bits. They compare scores as floats, where NaN is never at least a
/// bound and both zeros are equal. Whole vectors are stored: the compression to memory takes several times as long as that to a register with a
/// store.
/// </summary>
internal static unsafe class CandidateScan
{
    /// <summary>Floats that a pass may write behind what it reports.</summary>
    public const int Slack = 64;

    /// <summary>Scores whose bits make up a word of the marks.</summary>
    public const int Block = 64;

    /// <summary>
    /// Scores that are fetched before their turn, 4 KiB: the processor's own prefetch ends with a page. With it a thread reads 1M scores, k 1K, from
    /// the third-level cache at 24 GB/s in place of 21, and 64 rows of 256K from memory at 10.7 in place of 9.6; 2 or 8 KiB are
    /// no better.
    /// </summary>
    public const int Ahead = 1024;

    /// <summary>Marks the scores above the upper bound and those between the bounds, and copies the latter: the candidates.</summary>
    /// <param name="scores">A piece of a row.</param>
    /// <param name="length">Its scores.</param>
    /// <param name="bounds">The bounds; scores equal to one are between them.</param>
    /// <param name="marks">Receives the blocks with scores that are at least the lower bound.</param>
    /// <param name="candidates">Receives the candidates in order.</param>
    /// <returns>How many blocks were marked, how many scores lie above the bounds and how many between them.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (int Blocks, int Above, int Between) Mark(float* scores, int length, SampledBounds bounds, ScoreMarks marks, float* candidates)
    {
        int rest = length % Block, above = 0, marked = 0;
        float* next = MarkBlocks(scores, 0, length - rest, bounds, marks, candidates, ref marked, ref above);
        if (rest > 0)
        {
            float* last = stackalloc float[Block];
            for (int i = 0; i < Block; i++) last[i] = i < rest ? scores[length - rest + i] : float.NaN;
            next = MarkBlocks(last, length - rest, Block, bounds, marks, next, ref marked, ref above);
        }

        return (marked, above, (int)(next - candidates));
    }

    /// <remarks>
    /// Each comparison is used once and the candidates' masks are made of the stored word again: the compiler moves a mask that is used
    /// twice to a vector and back.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float* MarkBlocks(
        float* scores, int offset, int length, SampledBounds bounds, ScoreMarks marks, float* next, ref int markedBlocks, ref int scoresAbove)
    {
        Vector512<float> low = Vector512.Create(bounds.Low), high = Vector512.Create(bounds.High);
        Vector512<uint> bit = Avx512F.ShiftLeftLogicalVariable(Vector512<uint>.One, Vector512<uint>.Indices), bitAbove = bit << 16;
        ulong* sure = marks.Sure + markedBlocks, between = marks.Between + markedBlocks;
        int* offsets = marks.Offsets + markedBlocks;
        int above = 0, blocks = 0;
        for (float* end = scores + length; scores < end; scores += Block, offset += Block)
        {
            float* ahead = scores + Ahead;
            Sse.Prefetch0(ahead);
            Sse.Prefetch0(ahead + 16);
            Sse.Prefetch0(ahead + 32);
            Sse.Prefetch0(ahead + 48);
            Vector512<float> a = Vector512.Load(scores), b = Vector512.Load(scores + 16);
            Vector512<float> c = Vector512.Load(scores + 32), d = Vector512.Load(scores + 48);
            ulong marked = AtLeast(a, low) | (AtLeast(b, low) << 16) | (AtLeast(c, low) << 32) | (AtLeast(d, low) << 48);
            if (marked == 0) continue;
            ulong upper = Above(a, high) | (Above(b, high) << 16) | (Above(c, high) << 32) | (Above(d, high) << 48);
            above += BitOperations.PopCount(upper);
            marked ^= upper;
            sure[blocks] = upper;
            between[blocks] = marked;
            offsets[blocks] = offset;
            var halves = (uint*)(between + blocks++);
            Vector512<uint> first = Vector512.Create(halves[0]), second = Vector512.Create(halves[1]);
            Avx512F.Compress(Vector512<float>.Zero, Avx512F.CompareNotEqual(first & bit, Vector512<uint>.Zero).AsSingle(), a).Store(next);
            next += BitOperations.PopCount((ushort)marked);
            Avx512F.Compress(Vector512<float>.Zero, Avx512F.CompareNotEqual(first & bitAbove, Vector512<uint>.Zero).AsSingle(), b).Store(next);
            next += BitOperations.PopCount((uint)marked >> 16);
            Avx512F.Compress(Vector512<float>.Zero, Avx512F.CompareNotEqual(second & bit, Vector512<uint>.Zero).AsSingle(), c).Store(next);
            next += BitOperations.PopCount((ushort)(marked >> 32));
            Avx512F.Compress(Vector512<float>.Zero, Avx512F.CompareNotEqual(second & bitAbove, Vector512<uint>.Zero).AsSingle(), d).Store(next);
            next += BitOperations.PopCount(marked >> 48);
        }

        markedBlocks += blocks;
        scoresAbove += above;
        return next;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong AtLeast(Vector512<float> scores, Vector512<float> bound) =>
        Vector512.GreaterThanOrEqual(scores, bound).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Above(Vector512<float> scores, Vector512<float> bound) =>
        Vector512.GreaterThan(scores, bound).ExtractMostSignificantBits();

    /// <summary>Keeps the scores from <paramref name="low"/> to <paramref name="high"/> and counts those above. In place or not.</summary>
    /// <returns>Scores kept.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Narrow(float* source, int length, float low, float high, float* target, ref int above)
    {
        Vector512<float> least = Vector512.Create(low), most = Vector512.Create(high);
        int kept = 0, over = 0, i = 0;
        for (; i + 16 <= length; i += 16)
        {
            var score = Vector512.Load(source + i);
            Vector512<float> inside = Vector512.GreaterThanOrEqual(score, least) & Vector512.LessThanOrEqual(score, most);
            Avx512F.Compress(Vector512<float>.Zero, inside, score).Store(target + kept);
            kept += BitOperations.PopCount(inside.ExtractMostSignificantBits());
            over += BitOperations.PopCount(Vector512.GreaterThan(score, most).ExtractMostSignificantBits());
        }

        for (; i < length; i++)
        {
            float score = source[i];
            if (score > high) over++;
            else if (score >= low) target[kept++] = score;
        }

        above += over;
        return kept;
    }
}
