using System.CommandLine;
using System.Globalization;
using KernelSuite.Cli.Output;
using KernelSuite.Measurement;

namespace KernelSuite.Cli.Commands;

/// <summary><c>ksuite devices</c>.</summary>
internal static class DevicesCommand
{
    public static Command Create(CliHost host)
    {
        Option<string> format = SharedOptions.Format();
        var command = new Command("devices", "Lists the devices of this machine and the one that 'auto' means") { format };
        command.SetAction(parsed => Run(host, parsed.GetValue(format) == SharedOptions.Json));
        return command;
    }

    private static int Run(CliHost host, bool json)
    {
        DevicesReport report = DevicesReport.Of(host.Catalog);
        if (json) host.Output.WriteLine(ReportJson.Write(report));
        else Show(host, report);
        return report.Devices.Count > 0 ? ExitCode.Ok : ExitCode.DeviceUnavailable;
    }

    private static void Show(CliHost host, DevicesReport report)
    {
        var table = new TextTable(
            new TextColumn("id"), new TextColumn("kind"), new TextColumn("name"), new TextColumn("units", true), new TextColumn("memory", true), new TextColumn("driver"));
        foreach (DeviceRecord d in report.Devices)
            table.Add(d.Id, d.Kind, d.Name, d.ComputeUnits.ToString(CultureInfo.InvariantCulture), Quantity.Bytes(d.GlobalMemoryBytes), d.Driver);
        TableView.Show(host.Console, table);
        host.Output.WriteLine($"auto: {report.Reason}");
    }
}
