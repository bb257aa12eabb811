using System.Globalization;

namespace KernelSuite.Operations;

/// <summary>
/// The derived tolerance: |out - ref64| &lt;= 2 max|naive - ref64| + floor, where naive is the plain computation in the kernel's own
/// precision and the floor is twice the rounding of the output's dtype at its largest value. NaN and infinities must be in the same places;
/// elements that the reference leaves <see cref="OperationProblem.Unspecified"/> are skipped.
/// </summary>
/// <param name="reference">Double-precision values.</param>
/// <param name="naive">Same-precision values.</param>
/// <param name="unitRoundoff">u of the output's dtype; 0 asks for equality.</param>
public sealed class Tolerance(double[] reference, double[] naive, double unitRoundoff)
{
    /// <summary>Largest error that passes.</summary>
    public double Allowed { get; private init; } = unitRoundoff == 0 ? 0 : (2 * LargestError(reference, naive)) + (2 * unitRoundoff * LargestFinite(reference));

    /// <summary>
    /// The same largest error around another reference. Deriving it anew from that reference would prove nothing: a wrong reference is far
    /// from the naive values too and would allow itself.
    /// </summary>
    /// <param name="otherReference">As many values as the reference has.</param>
    public Tolerance Around(double[] otherReference)
    {
        ArgumentNullException.ThrowIfNull(otherReference);
        if (otherReference.Length != reference.Length)
            throw new ArgumentException($"Expected {reference.Length} values, got {otherReference.Length}.", nameof(otherReference));
        return new Tolerance(otherReference, otherReference, 0) { Allowed = Allowed };
    }

    /// <summary>Judges an output.</summary>
    /// <param name="output">As many values as the reference has.</param>
    public ToleranceVerdict Judge(ReadOnlySpan<double> output)
    {
        if (output.Length != reference.Length)
            throw new ArgumentException($"Expected {reference.Length} values, got {output.Length}.", nameof(output));
        double worst = 0;
        int at = -1;
        for (int i = 0; i < output.Length; i++)
        {
            double expected = reference[i];
            if (!double.IsFinite(expected) || !double.IsFinite(output[i]))
            {
                if (OperationProblem.IsUnspecified(expected)) continue;
                if (output[i].Equals(expected)) continue;
                return new ToleranceVerdict(false, double.PositiveInfinity, Allowed, i, string.Create(
                    CultureInfo.InvariantCulture, $"got {output[i]:G9} where the reference has {expected:G9}"));
            }

            double error = Math.Abs(output[i] - expected);
            if (error <= worst && at >= 0) continue;
            worst = error;
            at = i;
        }

        bool passed = worst <= Allowed;
        return new ToleranceVerdict(passed, worst, Allowed, at, passed ? string.Empty : string.Create(
            CultureInfo.InvariantCulture, $"got {output[at]:G9}, the reference has {reference[at]:G9}, error {worst:E2} > allowed {Allowed:E2}"));
    }

    /// <summary>Largest absolute difference; NaN and infinities do not count.</summary>
    internal static double LargestError(double[] reference, double[] naive)
    {
        double largest = 0;
        for (int i = 0; i < reference.Length; i++)
        {
            double error = Math.Abs(naive[i] - reference[i]);
            if (double.IsFinite(error)) largest = Math.Max(largest, error);
        }

        return largest;
    }

    private static double LargestFinite(double[] values)
    {
        double largest = 0;
        foreach (double value in values)
            if (double.IsFinite(value)) largest = Math.Max(largest, Math.Abs(value));
        return largest;
    }
}

/// <summary>What <see cref="Tolerance.Judge"/> found.</summary>
/// <param name="Passed">Whether every value is within the tolerance.</param>
/// <param name="WorstError">Largest absolute error; infinity where NaN or infinities differ.</param>
/// <param name="Allowed">The tolerance.</param>
/// <param name="WorstIndex">Where the largest error is; -1 for no values.</param>
/// <param name="Reason">Empty where passed.</param>
public readonly record struct ToleranceVerdict(bool Passed, double WorstError, double Allowed, int WorstIndex, string Reason);
