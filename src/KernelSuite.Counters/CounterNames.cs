using KernelSuite.Counters.Models;

namespace KernelSuite.Counters;

/// <summary>Lists of counters as people give them: names with commas between, or a file.</summary>
public static class CounterNames
{
    private const int MostBytes = 1 << 20;

    private static readonly char[] Separators = [',', ' ', '\t', '\r', '\n'];

    /// <summary>
    /// Reads "name,name,…", or the file of that name where there is one: names with commas, blanks or line ends between, '#' comments to the end of
    /// the line.
    /// </summary>
    /// <exception cref="ArgumentException">There is no name, one comes twice, or there are more than
    /// <see cref="CounterSet.MostCounters"/>.</exception>
    /// <exception cref="FlowSyntaxException">The file has more than 1 MiB.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static CounterSet Read(string namesOrFile)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(namesOrFile);
        IEnumerable<string> lines = File.Exists(namesOrFile)
            ? BoundedFile.ReadText(namesOrFile, MostBytes).Split('\n').Select(WithoutComment) : [namesOrFile];
        var names = new CounterSet(lines.SelectMany(line => line.Split(Separators, StringSplitOptions.RemoveEmptyEntries)));
        return names.Count > 0 ? names
            : throw new ArgumentException($"'{namesOrFile}' names no counter. Expected at least one.", nameof(namesOrFile));
    }

    /// <summary>Checks that a model has all of some counters.</summary>
    /// <exception cref="ArgumentException">It lacks one.</exception>
    internal static void CheckAllIn(CounterSet counters, CounterSet model, string name)
    {
        if (counters.FirstOrDefault(counter => !model.Contains(counter)) is { } missing)
            throw new ArgumentException($"{name} has no counter '{missing}'. Expected some of {string.Join(", ", model)}.", nameof(counters));
    }

    private static string WithoutComment(string line) => line.IndexOf('#', StringComparison.Ordinal) is >= 0 and int at ? line[..at] : line;
}
