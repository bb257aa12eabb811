using System.Text;
using KernelSuite.Counters.Inputs.Collecting;

namespace KernelSuite.Counters.Inputs.Dialects;

/// <summary>The series of a simulator's files, which have no columns: they are told apart by the file or by one text in it.</summary>
internal static class FileSamples
{
    /// <summary>The series of a file.</summary>
    /// <param name="source">The file.</param>
    /// <param name="column">What the text in it is called.</param>
    /// <param name="text">That text; null where the file has none.</param>
    /// <param name="usual">What to group by where the options do not say.</param>
    public static SampleSeries Series(DialectSource source, string column, string? text, string usual)
    {
        var names = new List<string>();
        var values = new List<string>();
        foreach (string name in source.Options.GroupBy ?? [usual])
        {
            bool isFile = name.Equals(TableColumns.File, StringComparison.OrdinalIgnoreCase);
            if (!isFile && (text is null || !name.Equals(column, StringComparison.OrdinalIgnoreCase)))
            {
                throw source.Place.FileError($"no column '{name}' in this format",
                    text is null ? TableColumns.File : $"{column} or {TableColumns.File}", "Group by one of these, or by none.");
            }


            names.Add(name);
            values.Add(isFile ? source.Place.Name : text!);
        }

        string id = ObservationId.Of(names, values);
        byte[] key = Encoding.UTF8.GetBytes(id);
        if (key.Length > InputLimits.MostNameBytes) throw source.Place.FileError("a very long command",
            $"at most {InputLimits.MostNameBytes} bytes", "Group by file.");
        return source.Collector.Series(key, key, () => (id, null, true), source.Place);
    }
}
