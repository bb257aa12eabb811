using KernelSuite.Measurement;
using Spectre.Console;

namespace KernelSuite.Cli.Output;

/// <summary>Shows table models.</summary>
internal static class TableView
{
    public static void Show(IAnsiConsole console, TextTable model)
    {
        var table = new Table { Border = TableBorder.Simple, ShowRowSeparators = false };
        foreach (TextColumn column in model.Columns)
        {
            var shown = new TableColumn(new Text(column.Title)) { Alignment = column.AlignRight ? Justify.Right : Justify.Left, Padding = new Padding(0, 0, 1, 0) };
            // Prose may wrap; numbers and names must not.
            shown.NoWrap = column.Title is not ("reason" or "summary" or "outcome" or "operands" or "name" or "driver");
            table.AddColumn(shown);
        }

        foreach (IReadOnlyList<string> row in model.Rows) table.AddRow([.. row.Select(cell => new Text(cell, StyleOf(cell)))]);
        console.Write(table);
    }

    private static Style StyleOf(string cell) => cell switch
    {
        StatusNames.Pass => new Style(Color.Green),
        StatusNames.Fail => new Style(Color.Red),
        StatusNames.Unsupported or StatusNames.Skipped => new Style(Color.Yellow),
        _ => Style.Plain,
    };
}
