using System.Numerics;

namespace KernelSuite.Counters.Cones;

/// <summary>How long a row reads: its terms, then the sum of its coefficients without signs.</summary>
internal readonly record struct RowCost(int Terms, BigInteger Size) : IComparable<RowCost>
{
    public static RowCost Of(ReadOnlySpan<BigInteger> row)
    {
        int terms = 0;
        BigInteger size = BigInteger.Zero;
        foreach (BigInteger c in row)
        {
            if (c.IsZero) continue;
            terms++;
            size += BigInteger.Abs(c);
        }

        return new(terms, size);
    }

    public int CompareTo(RowCost other) => Terms != other.Terms ? Terms.CompareTo(other.Terms) : Size.CompareTo(other.Size);

    public static bool operator <(RowCost a, RowCost b) => a.CompareTo(b) < 0;

    public static bool operator >(RowCost a, RowCost b) => a.CompareTo(b) > 0;
}
