using System.CommandLine;
using KernelSuite.Counters;
using KernelSuite.Counters.Inputs;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Verdicts;
using KernelSuite.Runtime;

namespace KernelSuite.Cli.Commands;

/// <summary>The samples that a model is held against, and how they are read.</summary>
internal sealed class SampleOptions
{
    private readonly Argument<string[]> files = new("samples")
    {
        Description = "Files of counter samples",
        HelpName = "samples",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> counters = CountersRowsCommand.Counters();

    private readonly Option<double> confidence = new("--confidence")
    {
        Description = "Probability with which a true model is not refuted",
        HelpName = "p",
        DefaultValueFactory = _ => new VerdictOptions().Confidence,
    };

    private readonly Option<string[]?> groupBy = new("--group-by")
    {
        Description = "Columns that tell observations apart; file is the file's name, an empty list makes one observation (default the format's own)",
        HelpName = "column,…",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string?> shuffleBy = new("--shuffle-by")
    {
        Description = "Column that tells runs with shuffled counter groups apart (seed, order): they must agree before a model is refuted",
        HelpName = "column",
    };

    private readonly Option<bool> exact = new("--exact")
    {
        Description = "Values have no noise, as a simulator's: each observation is a point, tested in rational arithmetic (default the format's own)",
    };

    private readonly Option<string> device = new("--device")
    {
        Description = "What large batches of observations are computed with: cpu, opencl:0, cuda:0, … or auto",
        HelpName = "d",
        DefaultValueFactory = _ => "cpu",
    };

    public void AddTo(Command command)
    {
        command.Add(files);
        command.Add(counters);
        command.Add(confidence);
        command.Add(groupBy);
        command.Add(shuffleBy);
        command.Add(exact);
        command.Add(device);
    }

    public CounterSet? Counters(ParseResult parsed) => CountersRowsCommand.Asked(parsed, counters);

    public double Confidence(ParseResult parsed) => parsed.GetValue(confidence);

    /// <summary>Opens the device, to be disposed by the caller.</summary>
    public Device Open(CliHost host, ParseResult parsed)
    {
        string id = parsed.GetValue(device)!;
        IReadOnlyList<DeviceInfo> found = SharedOptions.SelectDevices(host, [id]);
        if (found.Count != 1) throw new ArgumentException($"'--device {id}' names {found.Count} devices. Expected one, such as cpu.", nameof(parsed));
        return host.Catalog.Open(found[0]);
    }

    /// <summary>Reads the counters of a model, or those that were asked for, and says on standard error what a person should know.</summary>
    public ObservationSet Read(CliHost host, ParseResult parsed, FlowModel model, CounterSet? asked)
    {
        ObservationSet read = CounterSamples.Read(parsed.GetValue(files)!, new SampleReadOptions
        {
            Counters = asked ?? model.Counters,
            GroupBy = parsed.GetResult(groupBy) is null ? null : SharedOptions.Split(parsed.GetValue(groupBy)),
            ShuffleBy = parsed.GetValue(shuffleBy),
            Exact = parsed.GetValue(exact) ? true : null,
            Cancellation = host.Cancellation,
        });
        foreach (string warning in read.Report.Warnings) host.Note(warning);
        return read;
    }
}
