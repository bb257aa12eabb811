using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>
/// Host storage of a problem's operands: one flat array an operand, with the operand's first element at a common offset, so that
/// guard words can lie on both sides of it.
/// </summary>
public sealed class HostOperands : IDisposable
{
    private readonly HostArray?[] storage;
    private readonly bool owned;

    /// <summary>Allocates zeroed storage.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="guardElements">Elements before and after each operand.</param>
    public HostOperands(OperationProblem problem, int guardElements = 0)
    {
        ArgumentNullException.ThrowIfNull(problem);
        Problem = problem;
        Offset = guardElements;
        owned = true;
        storage = [.. problem.Operands.Select(o => o is null ? null : HostArray.Zeros(o.DType, [o.StorageLength + (2L * guardElements)]))];
    }

    /// <summary>Uses arrays that somebody else owns, without copying.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="arrays">In the order of the problem's operands; null where absent.</param>
    /// <exception cref="ArgumentException">An array's dtype or length does not fit its operand.</exception>
    public HostOperands(OperationProblem problem, IReadOnlyList<HostArray?> arrays)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(arrays);
        Problem = problem;
        storage = [.. arrays];
        if (storage.Length != problem.Operands.Count)
            throw new ArgumentException($"Expected {problem.Operands.Count} arrays, got {storage.Length}.", nameof(arrays));
        for (int i = 0; i < storage.Length; i++)
        {
            if (problem.Operands[i] is { } spec && storage[i] is { } array && (array.DType != spec.DType || array.Length < spec.StorageLength))
                throw new ArgumentException($"Operand '{spec.Name}' needs {spec.StorageLength} elements of {spec.DType.Name()}, got {array.Length} of {array.DType.Name()}.", nameof(arrays));
        }
    }

    /// <summary>The problem.</summary>
    public OperationProblem Problem { get; }

    /// <summary>Elements before each operand's first element.</summary>
    public int Offset { get; }

    /// <summary>Number of operands, absent ones included.</summary>
    public int Count => storage.Length;

    /// <summary>The whole flat storage of an operand, guards included; null where absent.</summary>
    public HostArray? this[int operand] => storage[operand];

    /// <summary>The operand from its first element on.</summary>
    /// <exception cref="InvalidOperationException">The operand is absent, or its dtype is not that of <typeparamref name="T"/>.</exception>
    public Span<T> Data<T>(int operand)
        where T : unmanaged =>
        (storage[operand] ?? throw new InvalidOperationException($"Operand {operand} is absent.")).AsSpan<T>()[Offset..];

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!owned) return;
        foreach (HostArray? array in storage) array?.Dispose();
    }
}
