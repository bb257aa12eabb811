using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>Checks cases on devices. Knows operations only by their contract.</summary>
public static class Validator
{
    /// <summary>Default seed of inputs.</summary>
    public const ulong DefaultSeed = 20260311;

    /// <summary>Runs one case on one device and judges the output.</summary>
    /// <param name="device">The device.</param>
    /// <param name="expectation">Inputs and what must come out.</param>
    /// <param name="implementation">Null for the default.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <returns>The result; a failing device gives <see cref="CaseStatus.Fail"/> with the error as reason.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static CaseResult Validate(Device device, CaseExpectation expectation, string? implementation = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(expectation);
        string name = implementation ?? expectation.Operation.Implementations(device.Info)[0].Name;
        return Validate(device, expectation, name, d => expectation.Operation.Plan(d, expectation.Case.Problem, implementation), cancellation);
    }

    /// <summary>Judges a plan with settings of the caller's own.</summary>
    internal static CaseResult Validate(
        Device device, CaseExpectation expectation, string name, Func<Device, OperationPlan> plan, CancellationToken cancellation = default)
    {
        OperationCase c = expectation.Case;
        CaseResult Result(CaseStatus status, double worst, double allowed, string reason) =>
            new(expectation.Operation.Name, c.Name, device.Info.Id, c.Problem.DType, name, status, worst, allowed, reason);

        if (expectation.Operation.Supports(device.Info, c.Problem).Reason is { } unsupported)
            return Result(CaseStatus.Unsupported, double.NaN, double.NaN, unsupported);
        if (expectation.ControlFailure is { } control) return Result(CaseStatus.Fail, double.NaN, double.NaN, control);
        try
        {
            using var run = new CaseRun(plan(device), expectation);
            run.Launch(cancellation: cancellation);
            ToleranceVerdict verdict = run.Check();
            return Result(verdict.Passed ? CaseStatus.Pass : CaseStatus.Fail, verdict.WorstError, verdict.Allowed, verdict.Reason);
        }
        catch (DeviceException error)
        {
            return Result(CaseStatus.Fail, double.NaN, double.NaN, error.Message);
        }
    }
}
