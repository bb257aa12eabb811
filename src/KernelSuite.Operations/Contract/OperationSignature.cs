using System.Globalization;

namespace KernelSuite.Operations;

/// <summary>An operand as the command line and documentation show it.</summary>
/// <param name="Name">Name, for example <c>q</c>.</param>
/// <param name="Dimensions">Dimensions by name, for example <c>[B, Hq, Nq, D]</c>.</param>
/// <param name="Summary">One line.</param>
/// <param name="IsOutput">Whether the operation writes it.</param>
/// <param name="IsOptional">Whether it may be absent.</param>
public sealed record OperandSignature(string Name, string Dimensions, string Summary, bool IsOutput = false, bool IsOptional = false);

/// <summary>What an option's value looks like.</summary>
public enum OptionKind
{
    /// <summary>Present or absent.</summary>
    Flag,

    /// <summary>A real number.</summary>
    Real,

    /// <summary>Two integers with a comma between them.</summary>
    IntegerPair,

    /// <summary>An integer.</summary>
    Integer,

    /// <summary>One of a few words, which the summary lists.</summary>
    Word,
}

/// <summary>A setting of an operation besides its operands.</summary>
/// <param name="Name">Name without dashes, for example <c>causal</c>.</param>
/// <param name="Kind">Form of the value.</param>
/// <param name="Summary">One line, with the default.</param>
public sealed record OptionSignature(string Name, OptionKind Kind, string Summary);

/// <summary>Everything an operation takes and gives.</summary>
/// <param name="Operands">Inputs first, then outputs; the order of every operand list of the operation.</param>
/// <param name="Options">Settings.</param>
public sealed record OperationSignature(IReadOnlyList<OperandSignature> Operands, IReadOnlyList<OptionSignature> Options);

/// <summary>Option texts as given by a user, read on demand with clear errors.</summary>
/// <param name="values">Option name to text; a flag that is present has any non-null text.</param>
public sealed class OptionValues(IReadOnlyDictionary<string, string> values)
{
    /// <summary>No option set.</summary>
    public static OptionValues None { get; } = new(new Dictionary<string, string>());

    /// <summary>Whether a flag is set.</summary>
    public bool Flag(string name) => values.ContainsKey(name);

    /// <summary>A real number, or null where the option is absent.</summary>
    /// <exception cref="ArgumentException">Not a finite number.</exception>
    public double? Real(string name)
    {
        if (!values.TryGetValue(name, out string? text)) return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)) return value;
        throw new ArgumentException($"--{name} is '{text}'. Expected a finite number such as 0.125.", name);
    }

    /// <summary>An integer, or null where the option is absent.</summary>
    /// <exception cref="ArgumentException">Not a 32-bit integer.</exception>
    public int? Integer(string name)
    {
        if (!values.TryGetValue(name, out string? text)) return null;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)) return value;
        throw new ArgumentException($"--{name} is '{text}'. Expected an integer such as 16.", name);
    }

    /// <summary>A word, or null where the option is absent.</summary>
    /// <exception cref="ArgumentException">Not one of <paramref name="known"/>.</exception>
    public string? Word(string name, params ReadOnlySpan<string> known)
    {
        if (!values.TryGetValue(name, out string? text)) return null;
        foreach (string word in known)
            if (word == text) return word;
        throw new ArgumentException($"--{name} is '{text}'. Expected one of: {string.Join(", ", known)}.", name);
    }

    /// <summary>Two integers, or null where the option is absent.</summary>
    /// <exception cref="ArgumentException">Not two integers with a comma between them.</exception>
    public (int First, int Second)? IntegerPair(string name)
    {
        if (!values.TryGetValue(name, out string? text)) return null;
        string[] parts = text.Split(',');
        if (parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int first)
            && int.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int second))
        {
            return (first, second);
        }

        throw new ArgumentException($"--{name} is '{text}'. Expected two integers such as 128,0 (-1 means unlimited).", name);
    }
}
