using System.Globalization;
using System.Text;

namespace KernelSuite.Counters.Verdicts;

/// <summary>A constraint of a model: the weighted sum of its counters is at most zero, or zero.</summary>
public sealed class TestRow
{
    private readonly double[] coefficients;

    /// <summary>Takes a row.</summary>
    /// <param name="counters">The axes.</param>
    /// <param name="coefficients">One a counter, finite; integers below 2^53 are exact.</param>
    /// <param name="isEquality">Whether the sum is zero rather than at most zero.</param>
    /// <param name="name">What to call it; null for its text.</param>
    /// <exception cref="ArgumentException">Another number of coefficients, one that is not finite, or all are zero.</exception>
    public TestRow(CounterSet counters, IEnumerable<double> coefficients, bool isEquality, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(counters);
        this.coefficients = [.. coefficients];
        if (this.coefficients.Length != counters.Count)
            throw new ArgumentException($"There are {this.coefficients.Length} coefficients. " +
                $"Expected {counters.Count}, one a counter.", nameof(coefficients));
        if (!this.coefficients.All(double.IsFinite) || this.coefficients.All(c => c == 0))
            throw new ArgumentException("The coefficients are all zero or not all finite. Expected finite ones, not all zero.", nameof(coefficients));
        (Counters, IsEquality) = (counters, isEquality);
        Name = name ?? Text();
    }

    /// <summary>The axes.</summary>
    public CounterSet Counters { get; }

    /// <summary>A weight for each counter.</summary>
    public ReadOnlySpan<double> Coefficients => coefficients;

    /// <summary>Whether the sum is zero rather than at most zero.</summary>
    public bool IsEquality { get; }

    /// <summary>What to call it, such as "a + 2 b &lt;= c".</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private string Text() => $"{Side(1)} {(IsEquality ? "==" : "<=")} {Side(-1)}";

    private string Side(int sign)
    {
        var text = new StringBuilder();
        for (int i = 0; i < coefficients.Length; i++)
        {
            if (Math.Sign(coefficients[i]) != sign) continue;
            if (text.Length > 0) text.Append(" + ");
            double size = Math.Abs(coefficients[i]);
            if (size != 1) text.Append(size.ToString("R", CultureInfo.InvariantCulture)).Append(' ');
            text.Append(Counters[i]);
        }

        return text.Length == 0 ? "0" : text.ToString();
    }
}
