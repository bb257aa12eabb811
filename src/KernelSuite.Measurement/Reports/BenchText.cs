using System.Globalization;
using System.Text;

namespace KernelSuite.Measurement;

/// <summary>A benchmark as the table that one pastes into a pull request, with what its numbers need around them.</summary>
public static class BenchText
{
    private const string EmulatorWarning = ". An emulator: it executes GPU code on the host to check it, and its times say nothing about a GPU";

    /// <summary>
    /// One row for every case, device and implementation. "% copy" is of the copy rate; where a row writes less than a tenth of its traffic and the device's read rate is
    /// measured, "% read" stands in its place.
    /// </summary>
    public static TextTable Table(BenchReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var table = new TextTable(
            new TextColumn("case"), new TextColumn("dtype"), new TextColumn("device"), new TextColumn("impl"), new TextColumn("median", true),
            new TextColumn("GFLOP/s", true), new TextColumn("% peak", true), new TextColumn("GB/s", true), new TextColumn("% copy", true), new TextColumn("% read", true), new TextColumn("check"));
        HashSet<string> emulators = [.. report.Devices.Where(d => d.Device.IsEmulator).Select(d => d.Device.Id)];
        foreach (BenchResult r in report.Results)
        {
            table.Add(
                r.Case, r.Dtype, emulators.Contains(r.Device) ? $"{r.Device} (emulator)" : r.Device, r.Implementation, Quantity.Seconds(r.MedianS), Quantity.Rate(r.Gflops), Quantity.Percent(r.PeakShare),
                Quantity.Rate(r.GbytesPerS), Quantity.Percent(r.ReadShare is null ? r.CopyShare : null), Quantity.Percent(r.ReadShare), r.Status);
        }

        return table;
    }

    /// <summary>One line a device: what it is, and the peaks that "% peak", "% copy" and "% read" refer to.</summary>
    public static IReadOnlyList<string> DeviceLines(BenchReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return [.. report.Devices.Select(d => string.Create(
            CultureInfo.InvariantCulture,
            $"{d.Device.Id}: {d.Device.Name}, {d.Device.Driver}; peak {d.PeakGflops:F0} GFLOP/s float32 FMA ({d.PeakMethod}{ThreadText(d.Threads)}), "
            + $"copy {d.CopyGbytesPerS:F1} GB/s ({d.CopyMethod}), {ReadText(d)}; best of {d.PeakRounds} rounds in this run{(d.Device.IsEmulator ? EmulatorWarning : string.Empty)}"))];
    }

    /// <summary>Why rows have no numbers, one line each.</summary>
    public static IReadOnlyList<string> ReasonLines(BenchReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return [.. report.Results.Where(r => r.Reason.Length > 0).Select(r => $"{r.Case} {r.Dtype} {r.Device} {r.Implementation}: {r.Status}: {r.Reason}")];
    }

    /// <summary>Build, system, inputs and command in one or two lines.</summary>
    public static IReadOnlyList<string> ContextLines(BenchReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        RunContext c = report.Context;
        string inputs = string.Join("; ", report.Results.Select(r => r.Inputs).OfType<string>().Distinct());
        string formulas = string.Join(", ", report.Results.Select(r => r.CostFormula).OfType<string>().Distinct());
        string clock = c.ProcessorMhz is { } mhz ? string.Create(CultureInfo.InvariantCulture, $", {mhz:F0} MHz") : string.Empty;
        string environment = string.Concat(c.Environment.Select(e => $", {e.Key}={e.Value}"));
        return
        [
            $"KernelSuite {c.Suite}{(c.Revision is { } r ? $" ({r[..Math.Min(12, r.Length)]})" : string.Empty)}, {c.Runtime}, {c.OperatingSystem}, {c.Processors} processors{clock}, {c.TimeUtc}{environment}",
            $"inputs {inputs}, seed {c.Seed}; cost formula {formulas}; median host wall time of launch and wait; repeat: {c.Command}",
        ];
    }

    /// <summary>Everything as Markdown.</summary>
    public static string Markdown(BenchReport report)
    {
        var text = new StringBuilder(Table(report).ToMarkdown()).Append('\n');
        foreach (string line in DeviceLines(report).Concat(ReasonLines(report)).Concat(ContextLines(report))) text.Append("- ").Append(line.ReplaceLineEndings(" ")).Append('\n');
        return text.ToString();
    }

    private static string ReadText(BenchDevice device) => device.ReadGbytesPerS is { } rate
        ? string.Create(CultureInfo.InvariantCulture, $"read {rate:F1} GB/s ({device.ReadMethod})") : "read rate not measured";

    private static string ThreadText(int threads) => threads switch
    {
        0 => string.Empty,
        1 => ", 1 thread",
        _ => $", {threads} threads",
    };
}
