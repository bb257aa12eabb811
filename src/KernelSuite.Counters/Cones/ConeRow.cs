using System.Globalization;
using System.Numerics;
using System.Text;

namespace KernelSuite.Counters.Cones;

/// <summary>
/// One linear statement about counters: sum of coefficient * counter == 0, or &lt;= 0. Coefficients have no common divisor, and an equality is kept
/// in the one
/// of its two signs that prints with fewer terms on the left, so two rows that say the same with the same terms are equal.
/// </summary>
public sealed class ConeRow : IEquatable<ConeRow>
{
    private readonly BigInteger[] coefficients;
    private readonly long[]? small;

    /// <summary>Takes a row of <paramref name="counters"/>.Count coefficients and divides by their greatest common divisor.</summary>
    /// <exception cref="ArgumentException">There is another number of coefficients, or all are zero.</exception>
    public ConeRow(CounterSet counters, ReadOnlySpan<BigInteger> coefficients, bool isEquality)
    {
        ArgumentNullException.ThrowIfNull(counters);
        if (coefficients.Length != counters.Count)
            throw new ArgumentException(
                $"A row has {coefficients.Length} coefficients. Expected {counters.Count}, one a counter.", nameof(coefficients));
        this.coefficients = coefficients.ToArray();
        if (!IntegerVector.MakePrimitive(this.coefficients))
            throw new ArgumentException("Every coefficient of a row is 0. Expected a row that says something.", nameof(coefficients));
        if (isEquality && PrefersOtherSign(this.coefficients)) IntegerVector.Negate(this.coefficients);
        Counters = counters;
        IsEquality = isEquality;
        if (Array.TrueForAll(this.coefficients, static c => c >= -long.MaxValue && c <= long.MaxValue))
            small = [.. this.coefficients.Select(static c => (long)c)];
    }

    /// <summary>The axes.</summary>
    public CounterSet Counters { get; }

    /// <summary>Whether the sum is zero; otherwise it is at most zero.</summary>
    public bool IsEquality { get; }

    /// <summary>One coefficient a counter.</summary>
    public IReadOnlyList<BigInteger> Coefficients => coefficients;

    /// <summary>Number of counters with a coefficient other than zero.</summary>
    public int Terms => coefficients.Count(static c => !c.IsZero);

    /// <summary>The coefficient of a counter by its name; zero for counters that are not on the axes.</summary>
    public BigInteger this[string counter] => Counters.IndexOf(counter) is >= 0 and int place ? coefficients[place] : BigInteger.Zero;

    /// <summary>The coefficients rounded to double, for statistics. Those beyond the range of double become infinite.</summary>
    public double[] ToDoubles() => [.. coefficients.Select(static c => (double)c)];

    /// <summary>The sum at a point of whole numbers, exactly.</summary>
    /// <exception cref="ArgumentException">The point has another length than <see cref="Counters"/>.</exception>
    public BigInteger Evaluate(ReadOnlySpan<long> point)
    {
        CheckLength(point.Length);
        // 4096 products of two 64-bit numbers need up to 138 bits in the worst case, so the short sum is only for entries that a signature can have.
        if (small is null || point.ContainsAnyExceptInRange(-SignatureSet.MostTicks, SignatureSet.MostTicks)) return EvaluateLong(point);
        Int128 sum = 0;
        for (int i = 0; i < small.Length; i++) sum += (Int128)small[i] * point[i];
        return sum;
    }

    /// <summary>The sum at a point of whole numbers, exactly.</summary>
    /// <exception cref="ArgumentException">The point has another length than <see cref="Counters"/>.</exception>
    public BigInteger Evaluate(ReadOnlySpan<BigInteger> point)
    {
        CheckLength(point.Length);
        BigInteger sum = BigInteger.Zero;
        for (int i = 0; i < coefficients.Length; i++)
        {
            if (!coefficients[i].IsZero) sum += coefficients[i] * point[i];
        }

        return sum;
    }

    /// <summary>The sum at a measured point, rounded. Counters that the row does not name do not enter, whatever their value.</summary>
    /// <exception cref="ArgumentException">The point has another length than <see cref="Counters"/>.</exception>
    public double Evaluate(ReadOnlySpan<double> point)
    {
        CheckLength(point.Length);
        double sum = 0;
        for (int i = 0; i < coefficients.Length; i++)
        {
            if (!coefficients[i].IsZero) sum += (double)coefficients[i] * point[i];
        }

        return sum;
    }

    /// <summary>Whether a point of whole numbers satisfies the row, exactly.</summary>
    public bool Holds(ReadOnlySpan<long> point)
    {
        int sign = Evaluate(point).Sign;
        return IsEquality ? sign == 0 : sign <= 0;
    }

    /// <summary>The counters of the row with their coefficients, in the order of <see cref="Counters"/>.</summary>
    public IEnumerable<KeyValuePair<string, BigInteger>> Named()
    {
        for (int i = 0; i < coefficients.Length; i++)
        {
            if (!coefficients[i].IsZero) yield return new(Counters[i], coefficients[i]);
        }
    }

    /// <summary>The row with positive coefficients on both sides, as "b + 2 c &lt;= a", "0 &lt;= b" or "a == b + c".</summary>
    public override string ToString() => $"{Side(1)} {(IsEquality ? "==" : "<=")} {Side(-1)}";

    /// <inheritdoc/>
    public bool Equals(ConeRow? other) =>
        other is not null && IsEquality == other.IsEquality && coefficients.AsSpan().SequenceEqual(other.coefficients)
            && Counters.Equals(other.Counters);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ConeRow);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(IsEquality);
        foreach (BigInteger c in coefficients) hash.Add(c);
        return hash.ToHashCode();
    }

    /// <summary>Few terms first, then small coefficients, then the counters' order: how rows are listed.</summary>
    internal static int CompareForReading(ConeRow a, ConeRow b)
    {
        int order = RowCost.Of(a.coefficients).CompareTo(RowCost.Of(b.coefficients));
        for (int i = 0; order == 0 && i < a.coefficients.Length; i++)
        {
            order = BigInteger.Abs(b.coefficients[i]).CompareTo(BigInteger.Abs(a.coefficients[i]));
            if (order == 0) order = b.coefficients[i].CompareTo(a.coefficients[i]);
        }

        return order;
    }

    private static bool PrefersOtherSign(BigInteger[] row)
    {
        int left = row.Count(static c => c.Sign > 0), right = row.Count(static c => c.Sign < 0);
        if (left == 0 || right == 0) return left == 0;
        return left != right ? left > right : row.First(static c => !c.IsZero).Sign < 0;
    }

    private BigInteger EvaluateLong(ReadOnlySpan<long> point)
    {
        BigInteger sum = BigInteger.Zero;
        for (int i = 0; i < coefficients.Length; i++) sum += coefficients[i] * point[i];
        return sum;
    }

    private string Side(int sign)
    {
        var text = new StringBuilder();
        for (int i = 0; i < coefficients.Length; i++)
        {
            if (coefficients[i].Sign != sign) continue;
            if (text.Length > 0) text.Append(" + ");
            BigInteger size = BigInteger.Abs(coefficients[i]);
            if (!size.IsOne) text.Append(CultureInfo.InvariantCulture, $"{size} ");
            text.Append(Counters[i]);
        }

        return text.Length > 0 ? text.ToString() : "0";
    }

    private void CheckLength(int length)
    {
        if (length != coefficients.Length)
            throw new ArgumentException($"The point has {length} entries. Expected {coefficients.Length}, one a counter.", "point");
    }
}
