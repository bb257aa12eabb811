using System.Globalization;

namespace KernelSuite.Measurement;

/// <summary>The processors' clock, where Linux shows it.</summary>
internal static class ProcessorClock
{
    /// <summary>The highest present clock in MHz; null where it cannot be read.</summary>
    public static double? ReadMhz()
    {
        try
        {
            if (!File.Exists("/proc/cpuinfo")) return null;
            double highest = 0;
            foreach (string line in File.ReadLines("/proc/cpuinfo"))
            {
                if (!line.StartsWith("cpu MHz", StringComparison.Ordinal)) continue;
                string text = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..];
                if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double mhz)) highest = Math.Max(highest, mhz);
            }

            return highest > 0 ? highest : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
