using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>
/// The contract of an operation. <c>run</c>, <c>validate</c> and <c>bench</c> know operations only through it.
/// Implementations are stateless and thread-safe.
/// </summary>
public abstract class Operation
{
    /// <summary>Name on the command line, lower case.</summary>
    public abstract string Name { get; }

    /// <summary>One line.</summary>
    public abstract string Summary { get; }

    /// <summary>Operands and options.</summary>
    public abstract OperationSignature Signature { get; }

    /// <summary>Storage dtypes that problems may have.</summary>
    public abstract IReadOnlyList<DType> DTypes { get; }

    /// <summary>Named cases, for every dtype.</summary>
    public abstract IReadOnlyList<OperationCase> Cases { get; }

    /// <summary>Makes a problem from arrays a user handed in (contiguous) and option texts.</summary>
    /// <param name="inputs">Input name to array; absent optional inputs are left out.</param>
    /// <param name="options">Option texts.</param>
    /// <exception cref="ArgumentException">A shape, dtype or option does not fit; names it, says what was expected.</exception>
    public abstract OperationProblem Bind(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options);

    /// <summary>Implementations on a device; the first is the default.</summary>
    public abstract IReadOnlyList<Implementation> Implementations(DeviceInfo device);

    /// <summary>Whether a device can run a problem.</summary>
    public abstract Support Supports(DeviceInfo device, OperationProblem problem);

    /// <summary>Makes a problem ready for a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="problem">A problem of this operation.</param>
    /// <param name="implementation">One of <see cref="Implementations"/>; null for the default.</param>
    /// <exception cref="NotSupportedException">Not supported; the message is that of <see cref="Supports"/>.</exception>
    /// <exception cref="ArgumentException">The problem is of another operation, or there is no such implementation.</exception>
    public abstract OperationPlan Plan(Device device, OperationProblem problem, string? implementation = null);

    /// <summary>Fills the input operands of a case.</summary>
    /// <param name="operationCase">A case of this operation.</param>
    /// <param name="seed">Equal seeds give equal inputs.</param>
    /// <param name="operands">Storage to fill; gaps between rows are left as they are.</param>
    public abstract void FillInputs(OperationCase operationCase, ulong seed, HostOperands operands);

    /// <summary>Computes one unit in double precision from the definition: dull, sequential, independent of any kernel.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="operands">Inputs.</param>
    /// <param name="unit">The unit.</param>
    /// <param name="outputs">One array an operand; those of present outputs receive the unit's elements.</param>
    public abstract void ReferenceUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs);

    /// <summary>Computes one unit the naive way in the kernels' own precision, rounded to storage: its error sets the tolerance.</summary>
    /// <inheritdoc cref="ReferenceUnit"/>
    public abstract void NaiveUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs);

    /// <summary>
    /// Computes one unit wrongly in the way a broken kernel would (its last tile dropped). A check that accepts this proves nothing.
    /// Returns false for a unit where the fault makes no difference, so that it says nothing about the check.
    /// </summary>
    /// <inheritdoc cref="ReferenceUnit"/>
    public abstract bool FaultyUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs);
}
