using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelSuite.Operations.Selection.Cpu;

/// <summary>
/// Scores of a row in several runs of memory, one a piece, at equal distances. Behind each run lies room for a vector.
/// </summary>
/// <param name="first">The first run.</param>
/// <param name="stride">From one run to the next, in scores.</param>
/// <param name="lengths">Scores of each run.</param>
internal readonly unsafe ref struct ScoreRuns(float* first, long stride, Span<int> lengths)
{
    public Span<int> Lengths { get; } = lengths;

    public int Total
    {
        get
        {
            int total = 0;
            foreach (int length in Lengths) total += length;
            return total;
        }
    }

    public float* Run(int run) => first + (run * stride);

    /// <summary>
    /// Copies <paramref name="samples"/> scores, a power of two: one out of each of as many equal stretches. Where in its stretch follows a fixed
    /// sequence (steps of the golden section), so that no period in the scores meets the samples and equal scores give equal samples.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Sample(int samples, float* target)
    {
        int shift = 16 + BitOperations.Log2((uint)samples);
        long start = 0, total = Total, j = 0;
        for (int run = 0; run < Lengths.Length; run++)
        {
            float* scores = Run(run) - start;
            for (start += Lengths[run]; j < samples; j++)
            {
                long at = (((j << 16) | ((j * 40503L) & 0xFFFF)) * total) >> shift;
                if (at >= start) break;
                target[j] = scores[at];
            }
        }
    }

    /// <summary>Fills the last vector of each run with NaN, which is never at least anything. The passes below rely on it.</summary>
    public void Fence()
    {
        for (int run = 0; run < Lengths.Length; run++) Vector512.Create(float.NaN).Store(Run(run) + Lengths[run]);
    }

    /// <summary>The least and the largest score, infinities the wrong way round where all are NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (float Least, float Most) Extremes()
    {
        Vector512<float> least = Vector512.Create(float.PositiveInfinity), most = Vector512.Create(float.NegativeInfinity);
        for (int run = 0; run < Lengths.Length; run++)
        {
            float* scores = Run(run);
            for (int i = 0; i < Lengths[run]; i += 16)
            {
                // Of NaN and a number these instructions give the second operand.
                var here = Vector512.Load(scores + i);
                least = Avx512F.Min(here, least);
                most = Avx512F.Max(here, most);
            }
        }

        return (Least(least), -Least(Vector512<float>.Zero - most));
    }

    /// <summary>
    /// A score s from <paramref name="low"/> to <paramref name="high"/> such that <paramref name="fewest"/> to <paramref name="most"/> scores are
    /// at least s; where equal scores leave none, that of rank <paramref name="fewest"/>, 1 for the largest, if it lies there. Counts at values
    /// that are interpolated between the counts known, and at the middle of their keys where that has not halved what was left.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public float ScoreOf(int fewest, int most, float low, float high)
    {
        uint lower = ScoreKey.Of(low), upper = ScoreKey.Of(high);
        int atLow = Total, above = 0;
        double rank = 0.5 * (fewest + most);
        bool halve = false;
        while (lower < upper)
        {
            uint range = upper - lower, offset = range / 2;
            if (!halve) offset = Math.Min((uint)(range * Math.Max(0, (atLow - rank) / (atLow - above))), range - 1);
            uint middle = lower + offset + 1;
            float score = ScoreKey.ScoreOf(middle);
            int here = AtLeast(score);
            if (here >= fewest && here <= most) return score;

            // Without a branch: it would be foreseen no better than a coin.
            uint over = (uint)((most - here) >> 31);
            lower ^= (lower ^ middle) & over;
            atLow ^= (atLow ^ here) & (int)over;
            upper ^= (upper ^ (middle - 1)) & ~over;
            above ^= (above ^ here) & (int)~over;
            halve = upper - lower > range / 2;
        }

        return ScoreKey.ScoreOf(lower);
    }

    /// <summary>Scores of a run that are at least <paramref name="bound"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int AtLeast(int run, float bound)
    {
        var limit = Vector512.Create(bound);
        float* scores = Run(run);
        int count = 0, i = 0, length = Lengths[run];
        for (; i + 64 <= length; i += 64)
        {
            count += AtLeast(scores + i, limit) + AtLeast(scores + i + 16, limit);
            count += AtLeast(scores + i + 32, limit) + AtLeast(scores + i + 48, limit);
        }

        for (; i < length; i += 16) count += AtLeast(scores + i, limit);
        return count;
    }

    /// <summary>Scores of a run that are above <paramref name="bound"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Above(int run, float bound)
    {
        var limit = Vector512.Create(bound);
        float* scores = Run(run);
        int count = 0;
        for (int i = 0; i < Lengths[run]; i += 16)
            count += BitOperations.PopCount((uint)Vector512.GreaterThan(Vector512.Load(scores + i), limit).ExtractMostSignificantBits());
        return count;
    }

    /// <summary>Scores that are at least <paramref name="bound"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int AtLeast(float bound)
    {
        int count = 0;
        for (int run = 0; run < Lengths.Length; run++) count += AtLeast(run, bound);
        return count;
    }

    /// <summary>The least score that is at least <paramref name="bound"/>, infinity if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public float LeastFrom(float bound)
    {
        Vector512<float> limit = Vector512.Create(bound), none = Vector512.Create(float.PositiveInfinity), least = none;
        for (int run = 0; run < Lengths.Length; run++)
        {
            float* scores = Run(run);
            for (int i = 0; i < Lengths[run]; i += 16)
            {
                var here = Vector512.Load(scores + i);
                least = Avx512F.Min(least, Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(here, limit), here, none));
            }
        }

        return Least(least);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int AtLeast(float* scores, Vector512<float> limit) =>
        BitOperations.PopCount((uint)Vector512.GreaterThanOrEqual(Vector512.Load(scores), limit).ExtractMostSignificantBits());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Least(Vector512<float> scores)
    {
        Vector256<float> eight = Avx.Min(scores.GetLower(), scores.GetUpper());
        Vector128<float> four = Sse.Min(eight.GetLower(), eight.GetUpper());
        four = Sse.Min(four, Sse.MoveHighToLow(four, four));
        return Sse.MinScalar(four, Vector128.Shuffle(four, Vector128.Create(1, 1, 1, 1))).ToScalar();
    }
}
