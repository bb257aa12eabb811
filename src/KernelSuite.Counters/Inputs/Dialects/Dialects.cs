namespace KernelSuite.Counters.Inputs.Dialects;

/// <summary>The formats that can be read.</summary>
internal static class Dialects
{
    public static Dialect Make(SampleFormat format, DialectSource source) => format switch
    {
        SampleFormat.LongTable => new LongTable(source),
        SampleFormat.WideTable => new WideTable(source),
        SampleFormat.PerfCsv => new PerfCsv(source),
        SampleFormat.PerfJson => new PerfJson(source),
        SampleFormat.NcuLong => new NcuLong(source),
        SampleFormat.NcuRaw => new NcuRaw(source),
        SampleFormat.Gem5Stats => new Gem5Stats(source),
        SampleFormat.Cachegrind => new Cachegrind(source),
        _ => throw new ArgumentOutOfRangeException(nameof(source), format, $"There is no format {format}. Expected one of SampleFormat."),
    };
}
