using System.Text;

namespace KernelSuite.Counters.Inputs.Dialects;

/// <summary>What both CSV pages of ncu share.</summary>
internal static class NcuHeader
{
    public const string Kernel = "Kernel Name";
    public const string Launch = "ID";

    /// <summary>Units of sums that are counts as they stand; ncu scales others (Kbyte, Mbyte) unless it is told not to.</summary>
    private static readonly HashSet<string> BaseUnits = new(StringComparer.OrdinalIgnoreCase)
    {
        "", "inst", "sector", "request", "byte", "cycle", "thread", "warp", "block", "cta", "register", "tag", "line", "wavefront", "bank", "op",
        "pass", "sample", "event", "cctl", "quad", "bit",
    };

    private static readonly HashSet<string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        Launch, "Process ID", "Process Name", "Host Name", Kernel, "Kernel Time", "Context", "Stream", "Block Size", "Grid Size", "Device", "CC",
    };

    /// <summary>Whether a line is the header of a page.</summary>
    public static bool IsOne(ReadOnlySpan<byte> line) => line.StartsWith("\"ID\""u8) && line.IndexOf("\"Kernel Name\""u8) > 0;

    /// <summary>Whether a column describes the launch.</summary>
    public static bool IsDescription(string column) => Known.Contains(column) || column.StartsWith("launch__", StringComparison.Ordinal)
        || column.StartsWith("thread Domain", StringComparison.Ordinal);

    /// <summary>Whether a metric sums events; averages, rates, shares and extremes are no counts.</summary>
    public static bool IsSum(ReadOnlySpan<byte> metric) => metric.EndsWith(".sum"u8);

    /// <summary>Whether a sum of this unit is a count as it stands.</summary>
    public static bool IsCount(string unit)
    {
        string one = unit.Trim();
        return BaseUnits.Contains(one) || (one.EndsWith('s') && BaseUnits.Contains(one[..^1]));
    }

    public static string NotACount(string metric, string unit) =>
        $"'{metric}' is in '{unit}' and left out: only sums in base units are counts. Record with --print-units base.";

    public static bool IsCount(ReadOnlySpan<byte> unit) => IsCount(Encoding.UTF8.GetString(unit));
}
