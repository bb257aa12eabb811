using System.Text.Json;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.Counters.Reports;

/// <summary>Verdicts and methods as reports and command lines name them.</summary>
public static class VerdictWords
{
    private static readonly (VerdictMethod Method, string Word)[] Words =
    [
        (VerdictMethod.Conditional, "conditional"),
        (VerdictMethod.Ellipsoid, "ellipsoid"),
        (VerdictMethod.SidakBox, "sidak"),
        (VerdictMethod.PcaBox, "pca-box"),
        (VerdictMethod.Box, "box"),
    ];

    /// <summary>The words of all methods, the default one first.</summary>
    public static IReadOnlyList<string> Methods => [.. Words.Select(w => w.Word)];

    /// <summary>A method's word.</summary>
    public static string Of(VerdictMethod method) => Array.Find(Words, w => w.Method == method).Word;

    /// <summary>The method of a word.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static VerdictMethod Method(string word) => Array.Exists(Words, w => w.Word == word) ? Array.Find(Words, w => w.Word == word).Method
        : throw new ArgumentException($"The method is '{word}'. Expected one of {string.Join(", ", Methods)}.", nameof(word));

    /// <summary>"consistent", "refuted" or "inconclusive".</summary>
    public static string Of(Verdict verdict) => JsonNamingPolicy.SnakeCaseLower.ConvertName(verdict.ToString());

    /// <summary>A kind of warning in snake_case.</summary>
    public static string Of(WarningKind kind) => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());
}
