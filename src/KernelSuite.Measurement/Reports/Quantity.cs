using System.Globalization;

namespace KernelSuite.Measurement;

/// <summary>Numbers as people read them, in invariant form.</summary>
public static class Quantity
{
    /// <summary>What stands where there is no number.</summary>
    public const string None = "-";

    /// <summary>Seconds with the unit that suits them: <c>71.3 ms</c>.</summary>
    public static string Seconds(double? seconds)
    {
        if (seconds is not { } s || !double.IsFinite(s)) return None;
        (double value, string unit) = s switch
        {
            >= 1 => (s, "s"),
            >= 1e-3 => (s * 1e3, "ms"),
            >= 1e-6 => (s * 1e6, "µs"),
            _ => (s * 1e9, "ns"),
        };
        return $"{Three(value)} {unit}";
    }

    /// <summary>Bytes in binary units: <c>64.0 MiB</c>.</summary>
    public static string Bytes(double bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        int unit = 0;
        while (bytes >= 1024 && unit < units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 ? bytes.ToString("F0", CultureInfo.InvariantCulture) : Three(bytes))} {units[unit]}");
    }

    /// <summary>About three significant digits without an exponent.</summary>
    public static string Rate(double? value) => value is { } v && double.IsFinite(v) ? Three(v) : None;

    /// <summary>A share in percent.</summary>
    public static string Percent(double? share) => share is { } s && double.IsFinite(s) ? (s * 100).ToString("F1", CultureInfo.InvariantCulture) : None;

    /// <summary>An error or tolerance.</summary>
    public static string Error(double? value) => value switch
    {
        null or double.NaN => None,
        0 => "0",
        { } v => v.ToString("0.0e0", CultureInfo.InvariantCulture),
    };

    private static string Three(double value) => value.ToString(Math.Abs(value) switch
    {
        >= 99.95 => "F0",
        >= 9.995 => "F1",
        _ => "F2",
    }, CultureInfo.InvariantCulture);
}
