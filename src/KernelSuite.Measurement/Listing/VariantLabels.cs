namespace KernelSuite.Measurement;

/// <summary>
/// Short names for the variants of a source: of the options that tell them apart only as many as that takes, in their order. Tile sizes that
/// follow from a capacity, say, need no naming beside it.
/// </summary>
internal static class VariantLabels
{
    /// <summary>Labels for sets of options.</summary>
    /// <param name="variants">Distinct option texts of one source, options separated by single blanks.</param>
    /// <returns>A label for each text, and the options that all share.</returns>
    public static (IReadOnlyDictionary<string, string> Labels, string Shared) Of(IReadOnlyCollection<string> variants)
    {
        Dictionary<string, string[]> options = variants.Distinct(StringComparer.Ordinal)
            .ToDictionary(v => v, v => v.Split(' ', StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);
        string[] names = [.. options.Values.SelectMany(o => o.Select(NameOf)).Distinct(StringComparer.Ordinal)];
        Dictionary<string, string> labels = options.Keys.ToDictionary(v => v, _ => string.Empty, StringComparer.Ordinal);
        string[] shared = [.. names.Where(n => options.Values.Select(o => Value(o, n)).Distinct(StringComparer.Ordinal).Count() == 1)];
        foreach (string name in names.Except(shared, StringComparer.Ordinal))
        {
            // A name is worth its place if it splits variants that the names before it left together.
            Dictionary<string, string> longer = options.ToDictionary(
                o => o.Key, o => $"{labels[o.Key]} {Value(o.Value, name)}".Trim(), StringComparer.Ordinal);
            if (longer.Values.Distinct(StringComparer.Ordinal).Count() > labels.Values.Distinct(StringComparer.Ordinal).Count()) labels = longer;
        }

        string first = options.Keys.FirstOrDefault() ?? string.Empty;
        return (labels, first.Length == 0 ? string.Empty : string.Join(' ', shared.Select(n => Value(options[first], n))));
    }

    private static string NameOf(string option) => option.Split('=', 2)[0];

    /// <summary>The option as a label shows it: a definition without its -D.</summary>
    private static string Value(string[] options, string name)
    {
        string option = options.FirstOrDefault(o => NameOf(o) == name) ?? string.Empty;
        return option.StartsWith("-D", StringComparison.Ordinal) ? option[2..] : option;
    }
}
