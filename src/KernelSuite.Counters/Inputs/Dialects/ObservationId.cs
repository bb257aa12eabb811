using System.Text;

namespace KernelSuite.Counters.Inputs.Dialects;

/// <summary>What observations are called: the values they are grouped by.</summary>
internal static class ObservationId
{
    /// <summary>An observation that is not grouped by anything.</summary>
    public const string All = "all";

    /// <summary>One value alone, several as name=value.</summary>
    public static string Of(IReadOnlyList<string> names, IReadOnlyList<string> values)
    {
        if (names.Count == 0) return All;
        if (names.Count == 1) return values[0].Length == 0 ? $"{names[0]}=" : values[0];
        return string.Join(' ', names.Zip(values, (name, value) => $"{name}={value}"));
    }

    public static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8).Trim();
}
