using System.Globalization;

namespace KernelSuite.Runtime.Cpu;

/// <summary>What the operating system says about processor and memory.</summary>
public static class CpuFacts
{
    /// <summary>The processor's product name.</summary>
    public static string ReadName()
    {
        string? model = ReadValue("/proc/cpuinfo", "model name");
        return model ?? $"{System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture} processor";
    }

    /// <summary>Installed and available memory in bytes; available is -1 where the system does not say.</summary>
    public static DeviceMemoryInfo ReadMemory()
    {
        long total = ReadKibibytes("MemTotal");
        long free = ReadKibibytes("MemAvailable");
        GCMemoryInfo gc = GC.GetGCMemoryInfo();
        return new DeviceMemoryInfo(total > 0 ? total : gc.TotalAvailableMemoryBytes, free);
    }

    private static long ReadKibibytes(string key)
    {
        string? text = ReadValue("/proc/meminfo", key);
        string? number = text?.Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long kib) ? kib << 10 : -1;
    }

    /// <summary>The value of the first line "key: value"; null where there is no such file or line, or it may not be read.</summary>
    private static string? ReadValue(string path, string key)
    {
        try
        {
            if (!File.Exists(path)) return null;
            foreach (string line in File.ReadLines(path))
            {
                int colon = line.IndexOf(':', StringComparison.Ordinal);
                if (colon > 0 && line.AsSpan(0, colon).Trim().SequenceEqual(key)) return line[(colon + 1)..].Trim();
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A locked-down /proc: the fact stays unknown, as on systems that have none.
        }

        return null;
    }
}
