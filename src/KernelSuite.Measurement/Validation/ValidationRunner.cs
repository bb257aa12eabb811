using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>Checks cases on devices, each case's reference computed once for all of them.</summary>
public static class ValidationRunner
{
    /// <summary>Output units (rows) of a large case that are checked: a seeded sample, first and last included. Cases of the validate suite are checked whole.</summary>
    public const long SampledUnits = 256;

    /// <summary>Checks the named cases that the request selects, with seeded inputs.</summary>
    /// <param name="request">What to check.</param>
    /// <param name="progress">Told before each case.</param>
    /// <param name="cancellation">Stops the run; nothing is reported then.</param>
    /// <exception cref="ArgumentException">An operation, dtype or implementation is unknown.</exception>
    /// <exception cref="DeviceUnavailableException">A device cannot be opened.</exception>
    public static ValidationReport Run(SuiteRequest request, IProgress<SuiteProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        CaseSelection selection = request.Selection;
        IReadOnlyList<Operation> operations = selection.SelectOperations(request.Operations);
        selection.CheckImplementations(operations, request.Devices);
        (Operation Operation, OperationCase Case)[] cases =
            [.. operations.SelectMany(o => selection.SelectCases(o, CaseSuite.Validate).Select(c => (o, c)))];
        return Check(request, cases.Length, cases.Select(c => (Func<CaseExpectation>)(() =>
            CaseExpectation.Compute(c.Operation, c.Case, request.Seed, UnitsOf(c.Case), cancellation))), progress, cancellation);
    }

    /// <summary>Checks cases whose inputs and references are stored on disk.</summary>
    /// <param name="request">What to check; its dtypes, case patterns and operations filter the stored cases.</param>
    /// <param name="folder">A folder of cases; see <see cref="StoredCase"/>.</param>
    /// <param name="progress">Told before each case.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="ArgumentException">The folder or a case in it is malformed.</exception>
    /// <exception cref="NpyFormatException">An array is malformed.</exception>
    public static ValidationReport RunStored(
        SuiteRequest request, string folder, IProgress<SuiteProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        IReadOnlyList<Operation> operations = request.Selection.SelectOperations(request.Operations);
        request.Selection.CheckImplementations(operations, request.Devices);
        StoredCase[] cases = [.. StoredCase.Find(folder, request.Operations)
            .Where(c => operations.Contains(c.Operation) && (request.Selection.Cases.Count == 0 || request.Selection.Cases.Any(p => Glob.IsMatch(p, c.Name))))];
        return Check(request, cases.Length, cases.Select(c => (Func<CaseExpectation>)(() => c.Load(cancellation))), progress, cancellation);
    }

    private static long UnitsOf(OperationCase c) => (c.Suite & CaseSuite.Validate) != 0 ? long.MaxValue : SampledUnits;

    private static ValidationReport Check(
        SuiteRequest request, int count, IEnumerable<Func<CaseExpectation>> cases, IProgress<SuiteProgress>? progress, CancellationToken cancellation)
    {
        var context = RunContext.Capture(request.Command, request.Seed);
        var records = new List<ValidationRecord>();
        using var devices = new OpenDevices(request);
        int done = 0;
        foreach (Func<CaseExpectation> load in cases)
        {
            cancellation.ThrowIfCancellationRequested();
            using CaseExpectation expectation = load();
            string what = $"{expectation.Operation.Name} {expectation.Case.Name} {expectation.Case.Problem.DType.Name()}";
            foreach (Device device in devices)
            {
                progress?.Report(new SuiteProgress(done, count, $"{what} on {device.Info.Id}"));
                IReadOnlyList<Implementation> all = expectation.Operation.Implementations(device.Info);
                foreach (Implementation implementation in request.Selection.SelectImplementations(all, withBaselines: false))
                    records.Add(ValidationRecord.Of(One(device, expectation, implementation.Name, cancellation)));
            }

            progress?.Report(new SuiteProgress(++done, count, what));
        }

        return new ValidationReport(context, [.. request.Devices.Select(DeviceRecord.Of)], records);
    }

    private static CaseResult One(Device device, CaseExpectation expectation, string implementation, CancellationToken cancellation)
    {
        try
        {
            return Validator.Validate(device, expectation, implementation, cancellation);
        }
        catch (NotSupportedException error)
        {
            // The operation said that it supports the case and then refused it: a defect, not a missing feature.
            return new CaseResult(
                expectation.Operation.Name, expectation.Case.Name, device.Info.Id, expectation.Case.Problem.DType, implementation, CaseStatus.Fail, double.NaN,
                double.NaN, $"declared as supported, but: {error.Message}");
        }
    }
}
