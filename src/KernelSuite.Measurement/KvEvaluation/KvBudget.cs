using System.Globalization;

namespace KernelSuite.Measurement;

/// <summary>A budget as a user states it: a share of what <c>full</c> holds of the same sequence, or a number of bytes.</summary>
public readonly record struct KvBudget
{
    private static readonly (string Suffix, long Factor)[] Units = [("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("B", 1)];

    private KvBudget(string text, double share, long bytes) => (Text, Share, Absolute) = (text, share, bytes);

    /// <summary>All that <c>full</c> holds.</summary>
    public static KvBudget Full { get; } = new("100%", 1, 0);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>Share of <c>full</c>; 0 where the budget is absolute.</summary>
    public double Share { get; }

    /// <summary>Bytes; 0 where the budget is a share.</summary>
    public long Absolute { get; }

    /// <summary>Reads <c>25%</c>, <c>64KiB</c>, <c>1.5MiB</c>, <c>2GiB</c>, <c>4096B</c> or <c>4096</c>.</summary>
    /// <exception cref="ArgumentException">It is none of these, or not positive.</exception>
    public static KvBudget Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string trimmed = text.Trim();
        if (trimmed.EndsWith('%')) return new KvBudget(trimmed, Number(trimmed[..^1], text, 1000) / 100, 0);
        foreach ((string suffix, long factor) in Units)
        {
            if (trimmed.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) return Bytes(trimmed, Number(trimmed[..^suffix.Length], text, long.MaxValue / 2 / factor) * factor, text);
        }

        return Bytes(trimmed, Number(trimmed, text, long.MaxValue / 2), text);
    }

    /// <summary>The budget in bytes.</summary>
    /// <param name="fullBytes">What <c>full</c> holds of the sequence.</param>
    public long Of(long fullBytes) => Share > 0 ? Math.Max(1, (long)(Share * fullBytes)) : Absolute;

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static KvBudget Bytes(string trimmed, double bytes, string text) =>
        bytes >= 1 ? new KvBudget(trimmed, 0, (long)bytes) : throw Refuse(text);

    private static double Number(string number, string text, double most) =>
        double.TryParse(number, NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out double value) && value > 0 && value <= most
            ? value : throw Refuse(text);

    private static ArgumentException Refuse(string text) =>
        new($"'{text}' is not a budget. Expected a share of the full cache such as 25% (up to 1000%), or bytes such as 64KiB, 1.5MiB or 65536.", nameof(text));
}
