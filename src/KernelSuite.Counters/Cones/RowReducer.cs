using System.Numerics;

namespace KernelSuite.Counters.Cones;

/// <summary>
/// Makes rows short. Finding the sparsest basis of a null space is NP-hard, so this is a local search: combinations of two basis vectors that
/// remove a shared
/// counter join a pool, the shortest independent ones are the next basis, until nothing becomes shorter. What a row means never changes.
/// </summary>
internal sealed class RowReducer
{
    /// <summary>
    /// Bases of more numbers than this squared by their length are left as elimination gives them: 160 equalities over 160 counters.
    /// </summary>
    private const long MostWork = 4_000_000;

    /// <summary>Combinations that are tried on an inequality; the Haswell counter sets give fewer than 64.</summary>
    private const int MostMoves = 64;

    private readonly BigInteger[][] moves;

    public RowReducer(IEnumerable<BigInteger[]> nullSpace, CancellationToken cancellation)
    {
        Basis = [.. Sorted(nullSpace)];
        moves = Basis;
        while (Basis.Length > 0 && (long)Basis.Length * Basis.Length * Basis[0].Length <= MostWork)
        {
            cancellation.ThrowIfCancellationRequested();
            BigInteger[][] pool = [.. Sorted(Basis.Concat(PairCombinations(Basis)))];
            moves = pool;
            BigInteger[][] next = ShortestBasis(pool, Basis.Length);
            if (!(Total(next) < Total(Basis))) break;
            Basis = next;
        }

        if (moves.Length > MostMoves) moves = moves[..MostMoves];
    }

    /// <summary>The equalities, shortest first.</summary>
    public BigInteger[][] Basis { get; }

    /// <summary>The shortest row found that says the same as an inequality where the equalities hold.</summary>
    public BigInteger[] Reduce(BigInteger[] row)
    {
        RowCost cost = RowCost.Of(row);
        while (true)
        {
            BigInteger[] best = row;
            RowCost bestCost = cost;
            foreach (BigInteger[] move in moves)
            {
                for (int column = 0; column < row.Length; column++)
                {
                    if (row[column].IsZero || move[column].IsZero) continue;
                    BigInteger[] candidate = IntegerVector.Eliminate(row, move, column);
                    var candidateCost = RowCost.Of(candidate);
                    if (candidateCost < bestCost) (best, bestCost) = (candidate, candidateCost);
                }
            }

            if (ReferenceEquals(best, row)) return row;
            (row, cost) = (best, bestCost);
        }
    }

    private static IEnumerable<BigInteger[]> Sorted(IEnumerable<BigInteger[]> vectors) => vectors.OrderBy(static v => RowCost.Of(v));

    private static RowCost Total(BigInteger[][] vectors)
    {
        RowCost[] costs = [.. vectors.Select(static v => RowCost.Of(v))];
        return new(costs.Sum(static c => c.Terms), costs.Aggregate(BigInteger.Zero, static (sum, c) => sum + c.Size));
    }

    private static IEnumerable<BigInteger[]> PairCombinations(BigInteger[][] vectors)
    {
        for (int i = 0; i < vectors.Length; i++)
        {
            for (int j = i + 1; j < vectors.Length; j++)
            {
                for (int column = 0; column < vectors[i].Length; column++)
                {
                    if (!vectors[i][column].IsZero && !vectors[j][column].IsZero)
                        yield return IntegerVector.Eliminate(vectors[i], vectors[j], column);
                }
            }
        }
    }

    private static BigInteger[][] ShortestBasis(BigInteger[][] pool, int rank)
    {
        var span = new Elimination();
        var basis = new List<BigInteger[]>(rank);
        foreach (BigInteger[] vector in pool)
        {
            if (span.TryAdd(vector, vector.Length)) basis.Add(vector);
            if (basis.Count == rank) break;
        }

        return [.. basis];
    }
}
