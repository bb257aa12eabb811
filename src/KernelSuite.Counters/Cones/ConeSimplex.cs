using System.Numerics;

namespace KernelSuite.Counters.Cones;

/// <summary>
/// Phase one of the revised simplex method in whole numbers: minimise the part of a vector that signatures leave over. The inverse of the basis is
/// kept as its
/// adjugate over one determinant, so every division of an update is exact (Edmonds' integer pivoting). Bland's rule in both choices, so it ends.
/// </summary>
internal sealed class ConeSimplex
{
    private readonly SignatureSet signatures;
    private readonly int without;
    private readonly CancellationToken cancellation;
    private readonly int size;
    private readonly BigInteger[][] adjugate;
    private readonly int[] basis;
    private readonly bool[] flipped;
    private BigInteger determinant = BigInteger.One;

    /// <summary>Starts from one artificial column a counter, with rows flipped so that the vector is not negative.</summary>
    public ConeSimplex(SignatureSet signatures, ReadOnlySpan<BigInteger> vector, int without, CancellationToken cancellation)
    {
        this.signatures = signatures;
        this.without = without;
        this.cancellation = cancellation;
        size = vector.Length;
        flipped = new bool[size];
        basis = new int[size];
        adjugate = new BigInteger[size][];
        for (int r = 0; r < size; r++)
        {
            // The last entry of a row is the basic variable's value times the determinant.
            adjugate[r] = new BigInteger[size + 1];
            adjugate[r][r] = BigInteger.One;
            adjugate[r][size] = BigInteger.Abs(vector[r]);
            flipped[r] = vector[r].Sign < 0;
            basis[r] = signatures.Count + r;
        }
    }

    /// <summary>Pivots to the end: a row that is &lt;= 0 on the signatures and &gt; 0 on the vector, or null where nothing is left over.</summary>
    public BigInteger[]? Separate()
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            BigInteger[] prices = Prices(out bool leftOver);
            if (!leftOver) return null;
            int entering = Entering(prices);
            if (entering < 0) return prices;
            Pivot(entering);
        }
    }

    /// <summary>The positive weights of the basis.</summary>
    public IEnumerable<SignatureWeight> Weights()
    {
        for (int r = 0; r < size; r++)
        {
            BigInteger value = adjugate[r][size];
            if (value.IsZero || basis[r] >= signatures.Count) continue;
            var divisor = BigInteger.GreatestCommonDivisor(value, determinant);
            yield return new(basis[r], value / divisor, determinant / divisor);
        }
    }

    private BigInteger[] Prices(out bool leftOver)
    {
        var prices = new BigInteger[size];
        BigInteger rest = BigInteger.Zero;
        for (int r = 0; r < size; r++)
        {
            if (basis[r] < signatures.Count) continue;
            rest += adjugate[r][size];
            for (int c = 0; c < size; c++) prices[c] += adjugate[r][c];
        }

        for (int c = 0; c < size; c++)
        {
            if (flipped[c]) prices[c] = -prices[c];
        }

        leftOver = !rest.IsZero;
        IntegerVector.MakePrimitive(prices);
        return prices;
    }

    private int Entering(BigInteger[] prices)
    {
        var row = new ConeRow(signatures.Counters, prices, isEquality: false);
        for (int i = 0; i < signatures.Count; i++)
        {
            if (i != without && row.Evaluate(signatures[i]).Sign > 0) return i;
        }

        return -1;
    }

    private void Pivot(int entering)
    {
        ReadOnlySpan<long> signature = signatures[entering];
        var column = new BigInteger[size];
        for (int r = 0; r < size; r++)
        {
            for (int c = 0; c < size; c++)
            {
                if (signature[c] != 0 && !adjugate[r][c].IsZero) column[r] += adjugate[r][c] * (flipped[c] ? -signature[c] : signature[c]);
            }
        }

        int leaving = Leaving(column);
        BigInteger pivot = column[leaving];
        for (int r = 0; r < size; r++)
        {
            if (r == leaving) continue;
            for (int c = 0; c <= size; c++) adjugate[r][c] = ((pivot * adjugate[r][c]) - (column[r] * adjugate[leaving][c])) / determinant;
        }

        determinant = pivot;
        basis[leaving] = entering;
    }

    /// <summary>The row of the smallest ratio of value to column; of the lowest variable among equals.</summary>
    private int Leaving(BigInteger[] column)
    {
        int best = -1;
        for (int r = 0; r < size; r++)
        {
            if (column[r].Sign <= 0) continue;
            int order = best < 0 ? -1 : (adjugate[r][size] * column[best]).CompareTo(adjugate[best][size] * column[r]);
            if (order < 0 || (order == 0 && basis[r] < basis[best])) best = r;
        }

        // The sum of the artificial rows' entries is the price, which is positive, so some entry is.
        return best >= 0 ? best : throw new ConeVerificationException("A pivot column has no positive entry.");
    }
}
