using System.Buffers;
using System.Text;
using System.Text.Json;
using KernelSuite.Counters.Inputs.Collecting;
using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Inputs.Dialects;

/// <summary><c>perf stat -j</c>: an object a line.</summary>
internal sealed class PerfJson(DialectSource source) : Dialect(source)
{
    private static readonly string[] Scopes = ["cpu", "core", "die", "socket", "node", "thread"];

    private readonly PerfRows rows = new(source);
    private readonly byte[] time = new byte[64];

    public override bool WantsComments => true;

    public override void Line(ReadOnlySpan<byte> line)
    {
        line = NumberText.TrimBlanks(line);
        if (line.IsEmpty || line[0] == '#')
        {
            Collector.CloseAll();
            Tally.OtherLines++;
            return;
        }

        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 8 });
        try
        {
            Object(ref reader);
        }
        catch (Exception thrown) when (thrown is JsonException or InvalidOperationException)
        {
            throw Source.Place.Error((int)reader.BytesConsumed,
                $"{InputPlace.Quote(line[(int)reader.BytesConsumed..])} does not continue a JSON object", "an object of 'perf stat -j' on one line",
                "Record again; some versions of perf print JSON that is not valid, and -x\\; then works.");
        }
    }

    private void Object(ref Utf8JsonReader reader)
    {
        string? name = null, value = null, scope = null, cgroup = null;
        int timeLength = 0;
        double run = 0, percent = 100;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            if (!reader.Read()) throw new JsonException();
            if (key == "interval") timeLength = Copy(reader);
            else if (key == "event") name = reader.GetString();
            else if (key == "counter-value") value = Text(reader);
            else if (key == "event-runtime") run = reader.GetDouble();
            else if (key == "pcnt-running") percent = reader.GetDouble();
            else if (key == "cgroup") cgroup = reader.GetString();
            else if (scope is null && Array.IndexOf(Scopes, key) >= 0) scope = Text(reader);
            else reader.Skip();
        }

        while (reader.Read())
        {
        }

        if (string.IsNullOrEmpty(name) || value is null) Tally.OtherLines++;
        else Take(name, value, scope ?? "", cgroup ?? "", timeLength, new PerfCount(0, run, percent));
    }

    private void Take(string name, string value, string scope, string cgroup, int timeLength, PerfCount count)
    {
        int place = Event(Encoding.UTF8.GetBytes(name), 0);
        if (value == "<not supported>")
        {
            rows.Unsupported(place);
            return;
        }

        byte[] text = Encoding.UTF8.GetBytes(value);
        NumberKind kind = NumberParser.Parse(text, Options.Decimal, out double number);
        if (kind is NumberKind.Wrong or NumberKind.Ambiguous) throw Source.WrongNumber(kind, text, 0);
        SampleSeries series = rows.Series(Encoding.UTF8.GetBytes(scope), Encoding.UTF8.GetBytes(cgroup));
        rows.Put(series, time.AsSpan(0, timeLength), place, count with { Value = number }, kind == NumberKind.Number);
    }

    private int Copy(Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> text = reader.ValueSpan;
        if (text.IsEmpty || text.Length > time.Length) throw new JsonException();
        text.CopyTo(time);
        return text.Length;
    }

    private static string Text(Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString()!,
        JsonTokenType.Number => Encoding.UTF8.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan),
        _ => throw new JsonException(),
    };
}
