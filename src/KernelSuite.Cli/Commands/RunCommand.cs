using System.CommandLine;
using KernelSuite.Cli.Output;
using KernelSuite.Measurement;
using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Cli.Commands;

/// <summary><c>ksuite run</c>: one sub-command an operation, made from its signature.</summary>
internal static class RunCommand
{
    public static Command Create(CliHost host)
    {
        var command = new Command("run", "Runs an operation on .npy files");
        foreach (Operation operation in host.Operations) command.Add(CreateFor(host, operation));
        return command;
    }

    private static Command CreateFor(CliHost host, Operation operation)
    {
        var command = new Command(operation.Name, $"{operation.Summary}.\n\n{ExitCode.Help}");
        Dictionary<string, Option<string>> files = [];
        foreach (OperandSignature operand in operation.Signature.Operands)
        {
            string role = operand.IsOutput ? "written" : "read";
            files[operand.Name] = new Option<string>($"--{operand.Name}")
            {
                Description = $"{operand.Dimensions}: {operand.Summary} (.npy, {role}{(operand.IsOptional ? ", optional" : string.Empty)})",
                HelpName = "file",
                Required = !operand.IsOptional,
            };
            command.Add(files[operand.Name]);
        }

        Dictionary<string, Option<bool>> flags = [];
        Dictionary<string, Option<string>> values = [];
        foreach (OptionSignature option in operation.Signature.Options)
        {
            if (option.Kind == OptionKind.Flag) command.Add(flags[option.Name] = new Option<bool>($"--{option.Name}") { Description = option.Summary });
            else command.Add(values[option.Name] = new Option<string>($"--{option.Name}") { Description = option.Summary, HelpName = Form(option.Kind) });
        }

        Option<string> device = new("--device") { Description = "Device: auto, cpu, opencl:0, …", HelpName = "d", DefaultValueFactory = _ => "auto" };
        Option<string> implementation = new("--implementation") { Description = "Implementation by name (default: the device's default one)", HelpName = "name" };
        Option<string> format = SharedOptions.Format();
        command.Add(device);
        command.Add(implementation);
        command.Add(format);
        command.SetAction(parsed =>
        {
            Dictionary<string, string> paths = [], texts = [];
            foreach ((string name, Option<string> option) in files)
                if (parsed.GetValue(option) is { } path) paths[name] = path;
            foreach ((string name, Option<bool> option) in flags)
                if (parsed.GetValue(option)) texts[name] = "true";
            foreach ((string name, Option<string> option) in values)
                if (parsed.GetValue(option) is { } text) texts[name] = text;
            return Run(
                host, operation, paths, new OptionValues(texts), parsed.GetValue(device)!, parsed.GetValue(implementation), parsed.GetValue(format) == SharedOptions.Json);
        });
        return command;
    }

    private static string Form(OptionKind kind) => kind switch
    {
        OptionKind.Real => "x",
        OptionKind.Integer => "n",
        OptionKind.Word => "word",
        _ => "a,b",
    };

    private static int Run(CliHost host, Operation operation, Dictionary<string, string> paths, OptionValues options, string id, string? implementation, bool json)
    {
        IReadOnlyList<DeviceInfo> found = SharedOptions.SelectDevices(host, [id]);
        if (found.Count != 1) throw new ArgumentException($"'--device {id}' names {found.Count} devices. Expected one: a run has one result.", nameof(id));
        using Device device = host.Catalog.Open(found[0]);
        RunReport report = ProgressView.Run(
            host, progress => OperationRunner.Run(device, operation, paths, options, implementation, host.CommandLine, progress, host.Cancellation));
        if (json) host.Output.WriteLine(ReportJson.Write(report));
        else Show(host.Output, report);
        return ExitCode.Ok;
    }

    private static void Show(TextWriter output, RunReport report)
    {
        foreach (RunArray array in report.Inputs) output.WriteLine($"{array.Name,-12} {array.Dtype} [{string.Join(", ", array.Shape)}] from {array.Path}");
        foreach (RunArray array in report.Outputs) output.WriteLine($"{array.Name,-12} {array.Dtype} [{string.Join(", ", array.Shape)}] to {array.Path}");
        output.WriteLine($"{"device",-12} {report.Device.Id}: {report.Device.Name}");
        output.WriteLine($"{"plan",-12} {report.Implementation}: {report.Plan}; workspace {Quantity.Bytes(report.WorkspaceBytes)}");
        string device = report.DeviceSeconds is { } seconds ? $", {Quantity.Seconds(seconds)} on the device clock" : string.Empty;
        output.WriteLine($"{"time",-12} {Quantity.Seconds(report.Seconds)}{device}, {Quantity.Rate(report.Gflops)} GFLOP/s{(report.Launches > 1 ? " (second launch)" : " (first launch)")}");
    }
}
