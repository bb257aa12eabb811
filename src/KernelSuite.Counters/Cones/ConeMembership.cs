using System.Numerics;

namespace KernelSuite.Counters.Cones;

/// <summary>
/// Whether a vector lies in the cone of signatures, exactly and with a certificate either way, whether or not facets are known: weights of
/// signatures that make
/// the vector, or a row that every signature satisfies and the vector breaks (Farkas' lemma). Both are checked before they are given out.
/// </summary>
public sealed class ConeMembership
{
    private ConeMembership(IReadOnlyList<SignatureWeight>? weights, ConeRow? broken)
    {
        Weights = weights;
        Broken = broken;
    }

    /// <summary>Whether the vector is a non-negative combination of signatures.</summary>
    public bool IsMember => Weights is not null;

    /// <summary>Positive weights of independent signatures whose sum is the vector; null where it is outside.</summary>
    public IReadOnlyList<SignatureWeight>? Weights { get; }

    /// <summary>A row with sum &lt;= 0 on every signature and &gt; 0 on the vector; null where that is inside.</summary>
    public ConeRow? Broken { get; }

    /// <summary>Decides for a vector with one entry a counter of <paramref name="signatures"/>.</summary>
    /// <param name="signatures">The generators.</param>
    /// <param name="vector">The vector. Entries may be negative.</param>
    /// <param name="cancellation">Ends the search with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">The vector has another length.</exception>
    /// <exception cref="ConeVerificationException">A certificate failed its check: a defect of this library.</exception>
    public static ConeMembership Of(SignatureSet signatures, ReadOnlySpan<BigInteger> vector, CancellationToken cancellation = default) =>
        Of(signatures, vector, without: -1, cancellation);

    /// <inheritdoc cref="Of(SignatureSet, ReadOnlySpan{BigInteger}, CancellationToken)"/>
    public static ConeMembership Of(SignatureSet signatures, ReadOnlySpan<long> vector, CancellationToken cancellation = default) =>
        Of(signatures, IntegerVector.From(vector), without: -1, cancellation);

    /// <summary>The same with one of the signatures left out.</summary>
    internal static ConeMembership Of(SignatureSet signatures, ReadOnlySpan<BigInteger> vector, int without, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        if (vector.Length != signatures.Counters.Count)
            throw new ArgumentException(
                $"The vector has {vector.Length} entries. Expected {signatures.Counters.Count}, one a counter.", nameof(vector));
        var simplex = new ConeSimplex(signatures, vector, without, cancellation);
        if (simplex.Separate() is { } row)
        {
            var broken = new ConeRow(signatures.Counters, row, isEquality: false);
            CheckRow(signatures, vector, broken, without);
            return new(null, broken);
        }

        SignatureWeight[] weights = [.. simplex.Weights()];
        CheckWeights(signatures, vector, weights);
        return new(weights, null);
    }

    private static void CheckRow(SignatureSet signatures, ReadOnlySpan<BigInteger> vector, ConeRow row, int without)
    {
        if (row.Evaluate(vector).Sign <= 0) throw new ConeVerificationException($"The row {row} should separate a vector that satisfies it.");
        for (int i = 0; i < signatures.Count; i++)
        {
            if (i != without && row.Evaluate(signatures[i]).Sign > 0)
                throw new ConeVerificationException($"Signature {i} breaks the row {row} that should separate a vector from all.");
        }
    }

    private static void CheckWeights(SignatureSet signatures, ReadOnlySpan<BigInteger> vector, SignatureWeight[] weights)
    {
        BigInteger common = weights.Aggregate(BigInteger.One, static
            (all, w) => all / BigInteger.GreatestCommonDivisor(all, w.Denominator) * w.Denominator);
        for (int c = 0; c < vector.Length; c++)
        {
            BigInteger sum = BigInteger.Zero;
            foreach (SignatureWeight w in weights) sum += w.Numerator * (common / w.Denominator) * signatures[w.Signature][c];
            if (sum != common * vector[c])
                throw new ConeVerificationException($"Weights give another '{signatures.Counters[c]}' than the vector has.");
        }

        if (Array.Exists(weights, static w => w.Numerator.Sign <= 0)) throw new ConeVerificationException("A weight is not positive.");
    }
}

/// <summary>How often a signature is taken: a positive fraction in lowest terms.</summary>
/// <param name="Signature">Place of the signature in its set.</param>
/// <param name="Numerator">Above the line; positive.</param>
/// <param name="Denominator">Below the line; positive.</param>
public readonly record struct SignatureWeight(int Signature, BigInteger Numerator, BigInteger Denominator)
{
    /// <summary>The fraction, rounded.</summary>
    public double Value => Math.Exp(BigInteger.Log(Numerator) - BigInteger.Log(Denominator));
}
