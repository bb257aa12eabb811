using KernelSuite.Counters.Inputs.Collecting;
using KernelSuite.Counters.Inputs.Dialects;
using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Inputs;

/// <summary>
/// Reads files of counter samples into observations: one pass, in memory that depends on counters and observations but not on lengths.
/// </summary>
public static class CounterSamples
{
    /// <summary>Reads files in their order. Samples of the same observation in several files are joined.</summary>
    /// <param name="paths">The files; each may be of another format.</param>
    /// <param name="options">How to read; null for detecting everything.</param>
    /// <exception cref="CounterFormatException">A file is of no format, breaks its rules, or exceeds <see cref="InputLimits"/>.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="ArgumentException">No path, too many, or an option out of range.</exception>
    public static ObservationSet Read(IReadOnlyList<string> paths, SampleReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (paths.Count is 0 or > InputLimits.MostFiles)
            throw new ArgumentException($"There are {paths.Count} files of samples. Expected 1 to {InputLimits.MostFiles:N0}.", nameof(paths));
        options = Checked(options);
        var collector = new SampleCollector(options);
        var files = new List<SourceFile>(paths.Count);
        foreach (string path in paths)
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
            files.Add(Read(stream, path, options, collector));
        }

        return new ObservationSet(collector.Build(), collector.Tally.Report(files, collector.Events));
    }

    /// <summary>Reads one stream to its end and leaves it open.</summary>
    /// <param name="stream">UTF-8 or UTF-16 text.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="options">How to read; null for detecting everything.</param>
    /// <exception cref="CounterFormatException">It is of no format, breaks its rules, or exceeds <see cref="InputLimits"/>.</exception>
    public static ObservationSet Read(Stream stream, string name, SampleReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        options = Checked(options);
        var collector = new SampleCollector(options);
        SourceFile file = Read(stream, name, options, collector);
        return new ObservationSet(collector.Build(), collector.Tally.Report([file], collector.Events));
    }

    private static SampleReadOptions Checked(SampleReadOptions? options)
    {
        options ??= new SampleReadOptions();
        if (!(options.MinimumRunningPercent is >= 0 and <= 100))
            throw new ArgumentException($"MinimumRunningPercent is {options.MinimumRunningPercent}. Expected 0 to 100.", nameof(options));
        if (options.Separator is { } c && (!char.IsAscii(c) || char.IsAsciiLetterOrDigit(c) || c is '"' or '\n' or '\r' or '.'))
            throw new ArgumentException(
                $"Separator is '{c}'. Expected an ASCII character that is no letter, digit, point, quotation mark or line end.", nameof(options));
        return options;
    }

    private static SourceFile Read(Stream stream, string name, SampleReadOptions options, SampleCollector collector)
    {
        using Stream text = InputText.Open(stream, name);
        var reader = new LineReader(text, name);
        var place = new InputPlace(reader);
        (SampleFormat format, byte separator) = FormatDetector.Detect(reader, options);
        Dialect dialect = Dialects.Dialects.Make(format, new DialectSource(options, collector, place, separator));
        bool comments = dialect.WantsComments;
        while (reader.Next())
        {
            if ((reader.Number & 0xFFFF) == 0) options.Cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<byte> line = reader.Line;
            if (line.IsEmpty || (line[0] is (byte)' ' or (byte)'\t' && NumberText.TrimBlanks(line).IsEmpty)
                || (line[0] == '#' && !comments)) collector.Tally.OtherLines++;
            else dialect.Line(line);
        }

        dialect.End();
        collector.CloseAll();
        return new SourceFile(name, format, reader.Number);
    }
}
