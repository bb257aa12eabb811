using System.Text;
using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Inputs.Collecting;

/// <summary>
/// The events of a read by their names in the files, and the counter that each is read as: normalised, renamed, and perhaps not asked for.
/// </summary>
internal sealed class EventTable(SampleReadOptions options)
{
    /// <summary>The counter of an event that was not asked for.</summary>
    public const int Unwanted = -1;

    private readonly NameTable events = new();
    private readonly List<int> counterOf = [];
    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);
    private readonly List<string> counters = [];
    private readonly List<string> unread = [];
    private readonly HashSet<string>? wanted = options.Counters is { } names ? new HashSet<string>(names, StringComparer.Ordinal) : null;

    /// <summary>Number of distinct events.</summary>
    public int Count => events.Count;

    /// <summary>The first counters that were not asked for, in order of appearance.</summary>
    public IReadOnlyList<string> Unread => unread;

    /// <summary>How many more of them there are; two events that would be one counter count as two here.</summary>
    public int MoreUnread { get; private set; }

    /// <summary>The event of a name; -1 where there would be too many.</summary>
    public int Find(ReadOnlySpan<byte> name)
    {
        int place = events.Find(name);
        return place >= 0 ? place : Add(name);
    }

    /// <summary>The counter that an event is read as, or <see cref="Unwanted"/>.</summary>
    public int CounterOf(int eventPlace) => counterOf[eventPlace];

    /// <summary>A counter's name.</summary>
    public string Name(int counter) => counters[counter];

    /// <summary>An event's name in the file.</summary>
    public string EventName(int eventPlace) => Encoding.UTF8.GetString(events[eventPlace]);

    /// <summary>Whether an event got its counter's name by renaming, so that a sum was asked for.</summary>
    public bool IsRenamed(int eventPlace) => options.Rename.ContainsKey(Normalised(eventPlace));

    /// <summary>The counters asked for that no event was read as.</summary>
    public IEnumerable<string> NeverSeen() => options.Counters is null ? [] : options.Counters.Where(name => !places.ContainsKey(name))
        .Order(StringComparer.Ordinal);

    private int Add(ReadOnlySpan<byte> name)
    {
        if (events.Count == InputLimits.MostEvents) return -1;
        int place = events.Add(name);
        string counter = Normalised(place);
        if (options.Rename.TryGetValue(counter, out string? renamed)) counter = renamed;
        int counterPlace = Unwanted;
        if (wanted?.Contains(counter) != false && !string.IsNullOrWhiteSpace(counter) && !places.TryGetValue(counter, out counterPlace))
        {
            counterPlace = counters.Count;
            counters.Add(counter);
            places.Add(counter, counterPlace);
        }

        bool isWanted = wanted?.Contains(counter) != false;
        if (!isWanted) Leave(counter);
        counterOf.Add(isWanted ? counterPlace : Unwanted);
        return place;
    }

    private void Leave(string counter)
    {
        if (string.IsNullOrWhiteSpace(counter) || unread.Contains(counter)) return;
        if (unread.Count < InputLimits.MostUnread) unread.Add(counter);
        else MoreUnread++;
    }

    private string Normalised(int eventPlace)
    {
        string name = EventName(eventPlace);
        return options.NormaliseEvents ? EventNames.Normalise(name) : name;
    }
}
