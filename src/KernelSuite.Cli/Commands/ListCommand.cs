using System.CommandLine;
using KernelSuite.Cli.Output;
using KernelSuite.Measurement;

namespace KernelSuite.Cli.Commands;

/// <summary><c>ksuite list</c>.</summary>
internal static class ListCommand
{
    public static Command Create(CliHost host)
    {
        Option<string> format = SharedOptions.Format();
        Argument<string[]> operations = SharedOptions.Operations();
        var command = new Command("list", "Lists operations with operands, options, dtypes, implementations, devices and named cases") { operations, format };
        command.SetAction(parsed => Run(host, parsed.GetValue(operations) ?? [], parsed.GetValue(format) == SharedOptions.Json));
        return command;
    }

    private static int Run(CliHost host, string[] operations, bool json)
    {
        var selection = new CaseSelection { Operations = operations };
        SuiteListing listing = SuiteListing.Of(selection.SelectOperations(host.Operations), host.Catalog);
        if (json)
        {
            host.Output.WriteLine(ReportJson.Write(listing));
            return ExitCode.Ok;
        }

        foreach (ListedOperation operation in listing.Operations) Show(host, operation);
        host.Output.WriteLine($"devices: {string.Join(", ", listing.Devices.Select(d => $"{d.Id} ({d.Name})"))}");
        return ExitCode.Ok;
    }

    private static void Show(CliHost host, ListedOperation operation)
    {
        host.Output.WriteLine($"{operation.Name}: {operation.Summary}");
        host.Output.WriteLine($"dtypes: {string.Join(", ", operation.Dtypes)}");
        var parameters = new TextTable(new TextColumn("name"), new TextColumn("role"), new TextColumn("form"), new TextColumn("summary"));
        foreach (ListedParameter p in operation.Parameters) parameters.Add($"--{p.Name}", p.Optional && p.Role != "option" ? $"{p.Role}, optional" : p.Role, p.Form, p.Summary);
        TableView.Show(host.Console, parameters);
        var implementations = new TextTable(new TextColumn("device"), new TextColumn("implementation"), new TextColumn("summary"));
        foreach (ListedImplementation i in operation.Implementations) implementations.Add(i.Device, i.Baseline ? $"{i.Name} (baseline)" : i.Name, i.Summary);
        TableView.Show(host.Console, implementations);
        var cases = new TextTable(new TextColumn("case"), new TextColumn("suite"), new TextColumn("inputs"), new TextColumn("operands"), new TextColumn("GFLOP", true));
        foreach (ListedCase c in operation.Cases) cases.Add(c.Name, string.Join(",", c.Suites), c.Inputs, c.Operands, Quantity.Rate(c.Gflop));
        TableView.Show(host.Console, cases);
    }
}
