using System.Text;

namespace KernelSuite.Measurement;

/// <summary>A column of a table.</summary>
/// <param name="Title">Heading.</param>
/// <param name="AlignRight">For numbers.</param>
public sealed record TextColumn(string Title, bool AlignRight = false);

/// <summary>A table of texts, to be shown on a terminal or written as Markdown.</summary>
/// <param name="columns">The columns.</param>
public sealed class TextTable(params IReadOnlyList<TextColumn> columns)
{
    private readonly List<IReadOnlyList<string>> rows = [];

    /// <summary>The columns.</summary>
    public IReadOnlyList<TextColumn> Columns { get; } = columns;

    /// <summary>The rows, one text a column.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows => rows;

    /// <summary>Appends a row.</summary>
    /// <exception cref="ArgumentException">Not one text a column.</exception>
    public void Add(params IReadOnlyList<string> cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        if (cells.Count != Columns.Count) throw new ArgumentException($"Expected {Columns.Count} cells, got {cells.Count}.", nameof(cells));
        rows.Add(cells);
    }

    /// <summary>The table in GitHub's Markdown, columns padded so that the source reads as a table too.</summary>
    public string ToMarkdown()
    {
        int[] widths = [.. Columns.Select((c, i) => Math.Max(Math.Max(3, c.Title.Length), rows.Select(r => Escape(r[i]).Length).DefaultIfEmpty().Max()))];
        var text = new StringBuilder();
        AppendRow(text, widths, [.. Columns.Select(c => c.Title)]);
        text.Append('|');
        for (int i = 0; i < widths.Length; i++)
            text.Append(Columns[i].AlignRight ? $" {new string('-', widths[i] - 1)}: |" : $" {new string('-', widths[i])} |");
        text.Append('\n');
        foreach (IReadOnlyList<string> row in rows) AppendRow(text, widths, row);
        return text.ToString();
    }

    private static string Escape(string cell) => cell.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");

    private void AppendRow(StringBuilder text, int[] widths, IReadOnlyList<string> cells)
    {
        text.Append('|');
        for (int i = 0; i < widths.Length; i++)
        {
            string cell = Escape(cells[i]);
            text.Append(' ').Append(Columns[i].AlignRight ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i])).Append(" |");
        }

        text.Append('\n');
    }
}
