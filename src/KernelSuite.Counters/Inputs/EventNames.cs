using System.Buffers;

namespace KernelSuite.Counters.Inputs;

/// <summary>Names of events as tools print them, and as models write them.</summary>
public static class EventNames
{
    private static readonly SearchValues<char> Modifiers = SearchValues.Create("ukhIGHpPSDWeb");

    /// <summary>
    /// Takes off what says where and when an event was counted: modifiers as in <c>cycles:u</c>, and the unit of a hybrid processor as in
    /// <c>cpu_core/cycles/u</c>, <c>cpu_atom/cycles/</c> and <c>cpu/cycles/</c>. Events given by their encoding (<c>cpu/event=0x08,umask=0x01/</c>)
    /// keep their text.
    /// </summary>
    public static string Normalise(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string text = name.Trim();
        int open = text.IndexOf('/', StringComparison.Ordinal), close = text.LastIndexOf('/');
        if (open > 0 && close > open && text.StartsWith("cpu", StringComparison.Ordinal) && AreModifiers(text.AsSpan(close + 1).TrimStart(':')))
        {
            string inner = text[(open + 1)..close];
            return inner.Length > 0 && !inner.Contains('=', StringComparison.Ordinal) ? Normalise(inner) : text[..(close + 1)];
        }

        int colon = text.LastIndexOf(':');
        return colon > 0 && colon + 1 < text.Length && text[colon - 1] != ':' && AreModifiers(text.AsSpan(colon + 1)) ? text[..colon] : text;
    }

    private static bool AreModifiers(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(Modifiers) < 0;
}
