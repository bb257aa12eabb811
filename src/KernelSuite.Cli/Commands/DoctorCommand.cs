using System.CommandLine;
using System.Globalization;
using KernelSuite.Measurement;

namespace KernelSuite.Cli.Commands;

/// <summary><c>ksuite doctor</c>.</summary>
internal static class DoctorCommand
{
    public static Command Create(CliHost host)
    {
        Option<string> format = SharedOptions.Format();
        var command = new Command("doctor", "Shows all that decides where and how well kernels run, and what is wrong") { format };
        command.SetAction(parsed => Run(host, parsed.GetValue(format) == SharedOptions.Json));
        return command;
    }

    private static int Run(CliHost host, bool json)
    {
        DoctorReport report = Doctor.Examine(host.Catalog, host.CommandLine);
        if (json) host.Output.WriteLine(ReportJson.Write(report));
        else Show(host.Output, report);
        return ExitCode.Ok;
    }

    private static void Show(TextWriter output, DoctorReport report)
    {
        RunContext c = report.Context;
        output.WriteLine("System");
        Line(output, "suite", $"KernelSuite {c.Suite}, revision {c.Revision ?? "unknown"}");
        Line(output, "runtime", $"{c.Runtime}, {c.Architecture}");
        Line(output, "system", c.OperatingSystem);
        string clock = report.Processor.ClockMhz is { } mhz ? string.Create(CultureInfo.InvariantCulture, $", {mhz:F0} MHz") : string.Empty;
        Line(output, "processor", $"{report.Processor.Name}, {report.Processor.Processors} logical{clock}");
        Line(output, "vectors", $"widest {report.Processor.WidestVector}; {string.Join(" ", report.Processor.Simd)}");
        Line(output, "memory", $"{Quantity.Bytes(report.Memory.TotalBytes)}, {Quantity.Bytes(report.Memory.FreeBytes)} free, limit {Quantity.Bytes(report.Memory.ProcessLimitBytes)}");
        foreach (DoctorBackend backend in report.Backends)
        {
            output.WriteLine($"Backend {backend.Name}");
            foreach (DoctorAttempt attempt in backend.Attempts) Line(output, attempt.Succeeded ? "ok" : "fail", $"{attempt.Target}: {attempt.Outcome}");
            foreach (DeviceRecord d in backend.Devices)
                Line(output, d.Id, $"{d.Name} ({d.Kind}, {d.ComputeUnits} units, {Quantity.Bytes(d.GlobalMemoryBytes)}; {d.Driver}; {d.Api})");
            if (backend.Devices.Count == 0) Line(output, "devices", "none");
        }

        output.WriteLine("Choice");
        Line(output, "auto", report.AutoReason);
        output.WriteLine("Device code");
        Line(output, report.DeviceCode.Status.Replace('_', ' '), $"{report.DeviceCode.Summary} ({report.DeviceCode.Sources.Count} files)");
        Line(output, "cuda", report.DeviceCode.Cuda.Summary);
        output.WriteLine("Program cache");
        Line(output, "folder", $"{report.Cache.Folder ?? "none"}{(report.Cache.Permissions is { } mode ? $" ({mode})" : string.Empty)}{(report.Cache.Writable ? ", writable" : ", not writable")}");
        Line(output, "content", $"{SharedOptions.Number(report.Cache.Entries)} programs, {Quantity.Bytes(report.Cache.Bytes)}");
        output.WriteLine("Environment");
        foreach ((string name, string value) in c.Environment) Line(output, name, value);
        if (c.Environment.Count == 0) Line(output, "-", "no variable that steers the suite is set");
        output.WriteLine(report.Problems.Count == 0 ? "No problem found." : "Problems");
        foreach (DoctorProblem problem in report.Problems)
        {
            Line(output, problem.Subject, problem.Problem);
            Line(output, string.Empty, $"-> {problem.NextStep}");
        }
    }

    private static void Line(TextWriter output, string name, string text) => output.WriteLine($"  {name,-12} {text}");
}
