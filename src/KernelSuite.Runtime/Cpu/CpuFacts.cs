using System.Globalization;

namespace KernelSuite.Runtime.Cpu;

/// <summary>What the operating system says about processor and memory.</summary>
internal static class CpuFacts
{
    public static string ReadName()
    {
        string? model = ReadLines("/proc/cpuinfo", "model name").FirstOrDefault();
        return model ?? $"{System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture} processor";
    }

    public static DeviceMemoryInfo ReadMemory()
    {
        long total = ReadKibibytes("MemTotal");
        long free = ReadKibibytes("MemAvailable");
        GCMemoryInfo gc = GC.GetGCMemoryInfo();
        return new DeviceMemoryInfo(total > 0 ? total : gc.TotalAvailableMemoryBytes, free);
    }

    private static long ReadKibibytes(string key)
    {
        string? text = ReadLines("/proc/meminfo", key).FirstOrDefault();
        string? number = text?.Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long kib) ? kib << 10 : -1;
    }

    private static IEnumerable<string> ReadLines(string path, string key)
    {
        if (!File.Exists(path)) yield break;
        foreach (string line in File.ReadLines(path))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line.AsSpan(0, colon).Trim().SequenceEqual(key)) yield return line[(colon + 1)..].Trim();
        }
    }
}
