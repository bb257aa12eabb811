using System.Globalization;
using System.Numerics;
using System.Text;
using KernelSuite.Counters.Cones;

namespace KernelSuite.Counters.Verdicts;

/// <summary>A row that a certificate is made of, and how much of it.</summary>
/// <param name="Row">The row.</param>
/// <param name="Weight">Its factor: positive, or of either sign for an equality.</param>
/// <param name="Share">Its part of the certificate's value at the mean; the shares of all rows sum to 1 where the mix is complete.</param>
public sealed record MixTerm(TestRow Row, double Weight, double Share);

/// <summary>
/// Why a model is refuted, checkable by hand: integers w with w · s ≤ 0 for every signature, so that w · v ≤ 0 holds for whatever the model can do,
/// while w · m &gt; 0 for what was measured (Farkas' lemma). Both were checked in integer arithmetic, independently of the solver that found w.
/// </summary>
public sealed class Certificate
{
    private readonly BigInteger[] coefficients;

    internal Certificate(CounterSet counters, BigInteger[] coefficients, double significance) =>
        (Counters, this.coefficients, Significance) = (counters, coefficients, significance);

    /// <summary>The axes.</summary>
    public CounterSet Counters { get; }

    /// <summary>w, a primitive integer vector: the model says w · v ≤ 0.</summary>
    public IReadOnlyList<BigInteger> Coefficients => coefficients;

    /// <summary>w · m over its standard deviation; infinite for an exact observation.</summary>
    public double Significance { get; }

    /// <summary>Rows of the model that w is a non-negative mix of, those that carry most of it first; empty where rows are not known.</summary>
    public IReadOnlyList<MixTerm> Mix { get; internal init; } = [];

    /// <summary>w as doubles, over its largest magnitude.</summary>
    public double[] Direction()
    {
        double most = coefficients.Max(c => Math.Abs((double)c));
        return [.. coefficients.Select(c => (double)c / most)];
    }

    /// <summary>Whether w · s ≤ 0 for every signature, in integers.</summary>
    /// <exception cref="ArgumentException">The signatures are of other counters.</exception>
    public bool HoldsFor(SignatureSet signatures)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        if (!signatures.Counters.Equals(Counters))
            throw new ArgumentException("The signatures are of other counters. Project them on the certificate's.", nameof(signatures));
        return ExactRows.Most(signatures, coefficients) <= 0;
    }

    /// <summary>Whether w · m &gt; 0, in rational arithmetic: every double is a fraction.</summary>
    /// <exception cref="ArgumentException">Another number of values, or one that is not finite.</exception>
    public bool IsViolatedBy(ReadOnlySpan<double> point)
    {
        if (point.Length != coefficients.Length)
            throw new ArgumentException($"The point has {point.Length} values. Expected {coefficients.Length}, one a counter.", nameof(point));
        return ExactRows.Sign(coefficients, point) > 0;
    }

    /// <summary>The violated constraint with positive coefficients on both sides, such as "a + 2 b &lt;= c".</summary>
    public override string ToString() => $"{Side(1)} <= {Side(-1)}";

    private string Side(int sign)
    {
        var text = new StringBuilder();
        for (int i = 0; i < coefficients.Length; i++)
        {
            if (coefficients[i].Sign != sign) continue;
            if (text.Length > 0) text.Append(" + ");
            BigInteger size = BigInteger.Abs(coefficients[i]);
            if (!size.IsOne) text.Append(size.ToString(CultureInfo.InvariantCulture)).Append(' ');
            text.Append(Counters[i]);
        }

        return text.Length == 0 ? "0" : text.ToString();
    }
}
