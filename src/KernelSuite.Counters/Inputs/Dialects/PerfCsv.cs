using KernelSuite.Counters.Inputs.Collecting;
using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Inputs.Dialects;

/// <summary><c>perf stat -x</c> with any of <c>-I</c>, <c>-A</c>, <c>--per-core</c>, <c>--per-socket</c>, <c>-r</c>.</summary>
internal sealed class PerfCsv(DialectSource source) : Dialect(source)
{
    private readonly FieldSplitter fields = new(source.Separator);
    private readonly PerfRows rows = new(source);

    public override bool WantsComments => true;

    public override void Line(ReadOnlySpan<byte> line)
    {
        if (line[0] == '#')
        {
            // "# started on ...": another run was appended.
            Collector.CloseAll();
            Tally.OtherLines++;
            return;
        }

        Source.Split(fields, line);
        if (!PerfLine.TryParse(line, fields, out PerfLine parsed))
        {
            throw Source.Place.Error(0, $"{InputPlace.Quote(line)} is no line of 'perf stat -x'",
                "[time][cpu][cpus]value, unit, event, run time, percent running between separators",
                "Record with 'LC_ALL=C perf stat -x\\;' where numbers have decimal commas, and without --metric-only.");
        }

        if (parsed.IsMetric)
        {
            Tally.OtherLines++;
            return;
        }

        int place = Event(parsed.Event, parsed.EventOffset);
        if (parsed.Value.SequenceEqual("<not supported>"u8))
        {
            rows.Unsupported(place);
            return;
        }

        SampleSeries series = rows.Series(parsed.Scope, parsed.Cgroup);
        NumberKind kind = NumberParser.Parse(parsed.Value, Options.Decimal, out double value);
        if (kind is NumberKind.Wrong or NumberKind.Ambiguous) throw Source.WrongNumber(kind, parsed.Value, parsed.ValueOffset);
        rows.Put(series, parsed.Time, place, new PerfCount(value, parsed.RunTime, parsed.Percent), kind == NumberKind.Number);
    }
}
