using KernelSuite.Counters.Inputs.Collecting;
using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Inputs.Dialects;

/// <summary>A way to write samples: takes a file's lines and hands values to the collector.</summary>
internal abstract class Dialect(DialectSource source)
{
    protected DialectSource Source => source;

    protected SampleReadOptions Options => source.Options;

    protected SampleCollector Collector => source.Collector;

    protected ReadTally Tally => source.Collector.Tally;

    /// <summary>Takes a line that is neither blank nor, unless <see cref="WantsComments"/>, a comment.</summary>
    public abstract void Line(ReadOnlySpan<byte> line);

    /// <summary>Whether lines that begin with '#' are this format's business.</summary>
    public virtual bool WantsComments => false;

    /// <summary>The file ended.</summary>
    public virtual void End()
    {
    }

    /// <summary>The event of a name, with the bounds on names and their number.</summary>
    protected int Event(ReadOnlySpan<byte> name, int offset)
    {
        if (name.Length > InputLimits.MostNameBytes)
            throw source.Place.Error(offset, $"a counter name of {name.Length} bytes", $"at most {InputLimits.MostNameBytes}",
                "Check the column of counter names.");
        int place = Collector.Events.Find(name);
        return place >= 0 ? place : throw source.Place.Error(
            offset, $"more than {InputLimits.MostEvents:N0} distinct counters", "fewer", "Check that the column of counter names is the right one.");
    }

    /// <summary>Puts a value, or notes that it is missing.</summary>
    /// <returns>False where the sample has one already.</returns>
    protected bool Value(SampleSeries series, int eventPlace, ReadOnlySpan<byte> text, int offset, DecimalMark mark)
    {
        NumberKind kind = NumberParser.Parse(text, mark, out double value);
        if (kind == NumberKind.Number) return Collector.Put(series, eventPlace, value, source.Place);
        if (kind != NumberKind.Missing) throw source.WrongNumber(kind, text, offset);
        Collector.Miss(series, eventPlace, DropReason.NotCounted);
        return true;
    }

    /// <summary>Whether a counter ran long enough for its sample to count.</summary>
    protected bool Ran(double percent)
    {
        Tally.Running(percent);
        return percent > Options.MinimumRunningPercent;
    }
}
