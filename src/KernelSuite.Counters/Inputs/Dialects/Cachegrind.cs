using System.Text;
using KernelSuite.Counters.Inputs.Collecting;
using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Inputs.Dialects;

/// <summary>
/// A file of <c>valgrind --tool=cachegrind</c>: its events and its summary are one sample of its command. Lines of functions are passed over.
/// </summary>
internal sealed class Cachegrind(DialectSource source) : Dialect(source)
{
    private const string Command = "command";
    private readonly List<int> events = [];
    private string command = "";
    private bool isSummed;

    public override void Line(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("cmd:"u8)) command = ObservationId.Text(line[4..]);
        else if (line.StartsWith("events:"u8)) Events(line);
        else if (line.StartsWith("summary:"u8)) Summary(line);
        else if (isSummed) throw Source.Place.Error(0, $"{InputPlace.Quote(line)} after the summary", "the end of the file",
            "Give each run's file by itself.");
        else Tally.OtherLines++;
    }

    public override void End()
    {
        if (!isSummed) throw Source.Place.FileError("no summary", "a line 'summary:' at the end",
            "The file may be cut off; let the program finish under valgrind.");
    }

    private void Events(ReadOnlySpan<byte> line)
    {
        if (events.Count > 0) throw Source.Place.Error(0, "a second line of events", "one", "Give each run's file by itself.");
        int offset = "events:".Length;
        foreach (Range word in line[offset..].Split((byte)' '))
        {
            (int start, int length) = word.GetOffsetAndLength(line.Length - offset);
            if (length == 0) continue;
            if (events.Count == InputLimits.MostFields) throw Source.Place.Error(offset + start, "too many events",
                $"at most {InputLimits.MostFields}", "Check the file.");
            events.Add(Event(line.Slice(offset + start, length), offset + start));
        }

        if (events.Count == 0) throw Source.Place.Error(offset, "no event", "names of events", "Check that the file is whole.");
    }

    private void Summary(ReadOnlySpan<byte> line)
    {
        if (events.Count == 0) throw Source.Place.Error(0, "a summary without events", "a line 'events:' before it", "Check that the file is whole.");
        if (isSummed) throw Source.Place.Error(0, "a second summary", "one", "Give each run's file by itself.");
        SampleSeries series = FileSamples.Series(Source, Command, command, Command);
        int offset = "summary:".Length, count = 0;
        foreach (Range word in line[offset..].Split((byte)' '))
        {
            (int start, int length) = word.GetOffsetAndLength(line.Length - offset);
            if (length == 0) continue;
            if (count < events.Count && !Value(series, events[count], line.Slice(offset + start, length), offset + start, DecimalMark.Point))
                throw Source.Place.Error(offset + start, $"the event '{Collector.Events.EventName(events[count])}' comes twice", "each event once",
                    "Check the line of events.");
            count++;
        }

        if (count != events.Count) throw Source.Place.Error(0, $"a summary of {count} values", $"{events.Count}, one an event",
            "The file may be cut off.");
        Tally.Rows++;
        isSummed = true;
        Collector.Close(series);
    }
}
