using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>An operation with a type of problem of its own: the contract's problems are checked and cast here, once for all.</summary>
/// <typeparam name="TProblem">Its problems.</typeparam>
public abstract class Operation<TProblem> : Operation
    where TProblem : OperationProblem
{
    /// <inheritdoc/>
    public sealed override Support Supports(DeviceInfo device, OperationProblem problem)
    {
        ArgumentNullException.ThrowIfNull(device);
        TProblem own = Own(problem);
        return device.Language == DeviceLanguage.Managed ? Support.Yes : SupportsPrograms(device, own);
    }

    /// <inheritdoc/>
    public sealed override OperationPlan Plan(Device device, OperationProblem problem, string? implementation = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        return Plan(device, Own(problem), implementation);
    }

    /// <inheritdoc/>
    public sealed override void FillInputs(OperationCase operationCase, ulong seed, HostOperands operands)
    {
        ArgumentNullException.ThrowIfNull(operationCase);
        FillInputs(Own(operationCase.Problem), operationCase.Inputs, seed, operands);
    }

    /// <inheritdoc/>
    public sealed override void ReferenceUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        ReferenceUnit(Own(problem), operands, unit, outputs);

    /// <inheritdoc/>
    public sealed override void NaiveUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        NaiveUnit(Own(problem), operands, unit, outputs);

    /// <inheritdoc/>
    public sealed override bool FaultyUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        FaultyUnit(Own(problem), operands, unit, outputs);

    /// <summary>A problem as one of this operation.</summary>
    /// <exception cref="ArgumentException">It is another operation's.</exception>
    protected virtual TProblem Own(OperationProblem problem) => problem as TProblem
        ?? throw new ArgumentException($"Expected {typeof(TProblem).Name}, got {problem?.GetType().Name ?? "null"}.", nameof(problem));

    /// <summary>Whether a device that takes programs can run a problem; the cpu device runs all.</summary>
    protected abstract Support SupportsPrograms(DeviceInfo device, TProblem problem);

    /// <inheritdoc cref="Plan(Device, OperationProblem, string)"/>
    protected abstract OperationPlan Plan(Device device, TProblem problem, string? implementation);

    /// <inheritdoc cref="FillInputs(OperationCase, ulong, HostOperands)"/>
    protected abstract void FillInputs(TProblem problem, string inputs, ulong seed, HostOperands operands);

    /// <inheritdoc cref="ReferenceUnit(OperationProblem, HostOperands, long, double[][])"/>
    protected abstract void ReferenceUnit(TProblem problem, HostOperands operands, long unit, double[]?[] outputs);

    /// <inheritdoc cref="NaiveUnit(OperationProblem, HostOperands, long, double[][])"/>
    protected abstract void NaiveUnit(TProblem problem, HostOperands operands, long unit, double[]?[] outputs);

    /// <inheritdoc cref="FaultyUnit(OperationProblem, HostOperands, long, double[][])"/>
    protected abstract bool FaultyUnit(TProblem problem, HostOperands operands, long unit, double[]?[] outputs);
}
