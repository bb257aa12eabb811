using System.Numerics;

namespace KernelSuite.Counters.Cones;

/// <summary>
/// The double description method (Motzkin, Raiffa, Thompson and Thrall 1953): extreme rays of { a : s_i . a &gt;= 0 } for a pointed cone, row by
/// row. A ray is kept
/// as its slacks s_i . a alone. They determine it, they are what a step needs of it, and the slacks of a combination are the combination of slacks.
/// </summary>
/// <typeparam name="T">Numbers. Arithmetic is checked: one that does not fit throws <see cref="OverflowException"/>, and a wider type has to start
/// anew.</typeparam>
internal sealed class DoubleDescription<T>
    where T : struct, IBinaryInteger<T>
{
    private readonly int rank;
    private readonly ConeLimits limits;
    private readonly CancellationToken cancellation;
    private readonly int words;
    private readonly List<int> open;
    private List<Ray> rays;

    /// <param name="start">Slacks of the rays of the simplicial cone of the first rows, as many as dimensions: one value for each row of the
    /// problem.</param>
    /// <param name="startRows">The rows of that cone; ray j is zero on all but the j-th of them.</param>
    /// <param name="limits">Where to give up.</param>
    /// <param name="cancellation">Ends the run.</param>
    public DoubleDescription(BigInteger[][] start, int[] startRows, ConeLimits limits, CancellationToken cancellation)
    {
        rank = start.Length;
        this.limits = limits;
        this.cancellation = cancellation;
        int rows = start[0].Length;
        words = (rows + 63) / 64;
        open = [.. Enumerable.Range(0, rows).Except(startRows)];
        rays = new(rank);
        for (int j = 0; j < rank; j++)
        {
            var zeros = new ulong[words];
            for (int other = 0; other < rank; other++)
            {
                if (other != j) SetBit(zeros, startRows[other]);
            }

            rays.Add(new([.. start[j].Select(static slack => T.CreateChecked(slack))], zeros));
        }
    }

    /// <summary>Adds all rows; null where a bound stopped it.</summary>
    public List<T[]>? Run()
    {
        while (rays.Count <= limits.MostRays)
        {
            if (NextRow() is not { } row) return [.. rays.Select(static r => r.Slacks)];
            if (!Cut(row)) return null;
        }

        return null;
    }

    /// <summary>
    /// The open row that separates the rays with the fewest pairs to look at. Rows that no ray breaks are redundant here, hence for good, and are
    /// dropped:
    /// they need no place in the zero sets.
    /// </summary>
    private int? NextRow()
    {
        var negative = new int[open.Count];
        var positive = new int[open.Count];
        foreach (Ray ray in rays)
        {
            for (int i = 0; i < negative.Length; i++)
            {
                T slack = ray.Slacks[open[i]];
                if (T.IsNegative(slack)) negative[i]++;
                else if (!T.IsZero(slack)) positive[i]++;
            }
        }

        int best = -1;
        long fewest = long.MaxValue;
        for (int i = 0; i < negative.Length; i++)
        {
            long pairs = (long)negative[i] * positive[i];
            if (negative[i] == 0 || pairs >= fewest) continue;
            (best, fewest) = (open[i], pairs);
        }

        for (int i = negative.Length - 1; i >= 0; i--)
        {
            if (negative[i] == 0 || open[i] == best) open.RemoveAt(i);
        }

        return best < 0 ? null : best;
    }

    private bool Cut(int row)
    {
        var next = new List<Ray>(rays.Count);
        var outer = new List<int>();
        int positives = 0;
        var signs = new sbyte[rays.Count];
        for (int i = 0; i < rays.Count; i++)
        {
            signs[i] = (sbyte)T.Sign(rays[i].Slacks[row]);
            if (signs[i] >= 0) next.Add(rays[i]);
            if (signs[i] > 0) positives++;
        }

        // Either side may lead; the lists of near rays are built once for each leading ray.
        int lead = positives <= rays.Count - next.Count ? 1 : -1;
        ulong[] masks = Masks();
        var near = new List<int>();
        for (int i = 0; i < rays.Count; i++)
        {
            if (signs[i] != lead) continue;
            cancellation.ThrowIfCancellationRequested();
            FindNear(masks, i, near);
            foreach (int j in near)
            {
                if (signs[j] != -lead || !AreAdjacent(masks, i, j, near)) continue;
                if (next.Count == limits.MostRays) return false;
                next.Add(lead > 0 ? Combine(rays[i], rays[j], row) : Combine(rays[j], rays[i], row));
            }
        }

        for (int i = 0; i < rays.Count; i++)
        {
            if (signs[i] == 0) SetBit(rays[i].Zeros, row);
        }

        rays = next;
        return true;
    }

    private ulong[] Masks()
    {
        var masks = new ulong[rays.Count * words];
        for (int i = 0; i < rays.Count; i++) rays[i].Zeros.CopyTo(masks, i * words);
        return masks;
    }

    /// <summary>
    /// The rays that share at least rank - 2 zeros with one: its neighbours are among them, and so is every ray that could deny that they are.
    /// </summary>
    private void FindNear(ulong[] masks, int ray, List<int> near)
    {
        near.Clear();
        ReadOnlySpan<ulong> own = masks.AsSpan(ray * words, words);
        for (int i = 0, at = 0; at < masks.Length; i++, at += words)
        {
            int common = 0;
            for (int w = 0; w < own.Length; w++) common += BitOperations.PopCount(own[w] & masks[at + w]);
            if (common >= rank - 2 && i != ray) near.Add(i);
        }
    }

    /// <summary>Combinatorial test: two rays are adjacent where no third one is zero on all rows on which both are.</summary>
    private bool AreAdjacent(ulong[] masks, int a, int b, List<int> near)
    {
        ReadOnlySpan<ulong> first = masks.AsSpan(a * words, words), second = masks.AsSpan(b * words, words);
        foreach (int other in near)
        {
            if (other == b) continue;
            ulong missing = 0;
            int at = other * words;
            for (int w = 0; w < first.Length; w++) missing |= first[w] & second[w] & ~masks[at + w];
            if (missing == 0) return false;
        }

        return true;
    }

    private Ray Combine(Ray positive, Ray negative, int row)
    {
        T up = positive.Slacks[row], down = checked(-negative.Slacks[row]);
        T common = Gcd(up, down);
        (up, down) = (up / common, down / common);
        var slacks = new T[positive.Slacks.Length];
        T divisor = T.Zero;
        for (int i = 0; i < slacks.Length; i++)
        {
            slacks[i] = checked((down * positive.Slacks[i]) + (up * negative.Slacks[i]));
            if (divisor != T.One) divisor = Gcd(divisor, slacks[i]);
        }

        if (divisor != T.One)
        {
            foreach (ref T slack in slacks.AsSpan()) slack /= divisor;
        }

        var zeros = new ulong[words];
        for (int w = 0; w < words; w++) zeros[w] = positive.Zeros[w] & negative.Zeros[w];
        SetBit(zeros, row);
        return new(slacks, zeros);
    }

    private static T Gcd(T a, T b)
    {
        if (typeof(T) == typeof(BigInteger))
            return T.CreateTruncating(BigInteger.GreatestCommonDivisor(BigInteger.CreateTruncating(a), BigInteger.CreateTruncating(b)));
        while (!T.IsZero(b)) (a, b) = (b, a % b);
        return T.Abs(a);
    }

    private static void SetBit(ulong[] bits, int place) => bits[place >> 6] |= 1UL << (place & 63);

    private readonly record struct Ray(T[] Slacks, ulong[] Zeros);
}
