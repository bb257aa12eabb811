using System.CommandLine;
using KernelSuite.Measurement;

namespace KernelSuite.Cli.Commands;

/// <summary>The options that say which cases run where; validate and bench have them alike.</summary>
/// <param name="purpose">What the devices are for.</param>
/// <param name="implementationsByDefault">Which implementations run where none is named, for the help text.</param>
internal sealed class SuiteOptions(DevicePurpose purpose, string implementationsByDefault)
{
    private readonly Argument<string[]> operations = SharedOptions.Operations();
    private readonly Option<string[]> devices = SharedOptions.Devices();
    private readonly Option<string[]> cases = SharedOptions.Cases();
    private readonly Option<string[]> dtypes = SharedOptions.DTypes();
    private readonly Option<string[]> implementations = SharedOptions.Implementations(implementationsByDefault);
    private readonly Option<ulong> seed = SharedOptions.Seed();

    public void AddTo(Command command)
    {
        command.Arguments.Add(operations);
        foreach (Option option in new Option[] { devices, cases, dtypes, implementations, seed }) command.Options.Add(option);
    }

    public SuiteRequest Read(CliHost host, ParseResult parsed) => new()
    {
        Catalog = host.Catalog,
        Operations = host.Operations,
        Devices = SharedOptions.SelectDevices(host, parsed.GetValue(devices), purpose),
        Seed = parsed.GetValue(seed),
        Command = host.CommandLine,
        Selection = new CaseSelection
        {
            Operations = parsed.GetValue(operations) ?? [],
            Cases = SharedOptions.Split(parsed.GetValue(cases)),
            DTypes = SharedOptions.Split(parsed.GetValue(dtypes)),
            Implementations = SharedOptions.Split(parsed.GetValue(implementations)),
        },
    };
}
