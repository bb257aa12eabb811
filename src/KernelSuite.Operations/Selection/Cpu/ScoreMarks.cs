using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelSuite.Operations.Selection.Cpu;

/// <summary>
/// Marks of a piece's blocks of 64 scores, of those that have any, in order: <see cref="Sure"/> has a bit for each score above the upper bound, the
/// first the lowest, <see cref="Between"/> for each candidate, <see cref="Offsets"/> the place of the block's first score. <see cref="Chosen"/>
/// has a bit a candidate, whether it is selected.
/// </summary>
/// <param name="first">Memory of <see cref="Kinds"/> times as many words.</param>
/// <param name="words">Words of each kind: <see cref="WordsOf"/>.</param>
internal readonly unsafe struct ScoreMarks(ulong* first, long words)
{
    /// <summary>Kinds of marks.</summary>
    public const int Kinds = 4;

    public ulong* Sure => first;

    public ulong* Between => first + words;

    public ulong* Chosen => first + (2 * words);

    public int* Offsets => (int*)(first + (3 * words));

    /// <summary>Words of each kind of marks for a piece, a spare one among them.</summary>
    public static long WordsOf(int pieceLength) => ((pieceLength + CandidateScan.Block - 1) / CandidateScan.Block) + 1;

    /// <summary>Chooses the candidates above <paramref name="threshold"/>, and the first <paramref name="ties"/> that equal it.</summary>
    /// <param name="candidates">A piece's, and behind them room for a vector of anything.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="threshold">The k-th largest score.</param>
    /// <param name="ties">Candidates equal to it that are to be taken, at most as many as there are.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Choose(float* candidates, int count, float threshold, int ties)
    {
        var limit = Vector512.Create(threshold);
        var bits = (ushort*)Chosen;
        int i = 0;

        // While ties are wanted whatever is at least the threshold is.
        for (; ties > 0 && i < count; i += 16)
        {
            var score = Vector512.Load(candidates + i);
            uint least = (uint)Vector512.GreaterThanOrEqual(score, limit).ExtractMostSignificantBits();
            uint equal = (uint)Vector512.Equals(score, limit).ExtractMostSignificantBits();
            int here = BitOperations.PopCount(equal);
            if (here > ties) least ^= equal ^ Bmi2.ParallelBitDeposit((1u << ties) - 1, equal);
            ties -= here;
            *bits++ = (ushort)least;
        }

        for (; i < count; i += 16)
            *bits++ = (ushort)Vector512.GreaterThan(Vector512.Load(candidates + i), limit).ExtractMostSignificantBits();
    }

    /// <summary>Adds the chosen candidates to the sure scores: expands their bits to their places.</summary>
    /// <param name="blocks">Blocks that were marked.</param>
    /// <returns>A word for each block, the bits of what is selected.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public ulong* Expand(int blocks)
    {
        ulong* selected = Sure, between = Between;
        var chosen = (byte*)Chosen;
        uint candidate = 0;
        for (int block = 0; block < blocks; block++)
        {
            ulong marked = between[block];
            byte* first = chosen + (candidate >> 3);
            int shift = (int)candidate & 7;
            ulong bits = (*(ulong*)first >> shift) | (((ulong)first[8] << 1) << (63 - shift));
            candidate += (uint)BitOperations.PopCount(marked);
            selected[block] |= Bmi2.X64.ParallelBitDeposit(bits, marked);
        }

        return selected;
    }
}
