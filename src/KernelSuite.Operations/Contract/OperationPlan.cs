using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>
/// A problem made ready for a device: program built, tiles chosen, workspace allocated. Launching allocates nothing.
/// One thread at a time.
/// </summary>
public abstract class OperationPlan : IDisposable
{
    private bool disposed;

    /// <summary>The problem.</summary>
    public abstract OperationProblem Problem { get; }

    /// <summary>The device.</summary>
    public abstract Device Device { get; }

    /// <summary>The implementation's name.</summary>
    public abstract string Implementation { get; }

    /// <summary>Tiles and other choices in one line, for reports.</summary>
    public abstract string Description { get; }

    /// <summary>Device memory held besides the operands, in bytes.</summary>
    public abstract long WorkspaceBytes { get; }

    /// <summary>Queues the operation.</summary>
    /// <param name="stream">A stream of <see cref="Device"/>.</param>
    /// <param name="operands">In the order of <see cref="OperationProblem.Operands"/>; default where absent.</param>
    /// <param name="timing">Receives start and end on the device clock where the operation is a single kernel, else of the whole.</param>
    /// <param name="cancellation">Checked before the launch; on the cpu device between tiles too.</param>
    /// <exception cref="ArgumentException">A required operand is absent, too small, or of another device.</exception>
    /// <exception cref="ObjectDisposedException">The plan was disposed.</exception>
    public void Launch(
        DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        CheckOperands(stream, operands);
        cancellation.ThrowIfCancellationRequested();
        if (Problem.UnitCount == 0)
        {
            if (timing is not null) stream.Record(timing);
            return;
        }

        Enqueue(stream, operands, timing, cancellation);

        // Managed kernels see addresses only: a caller who has dropped plan and buffers must not see them finalised under a kernel.
        foreach (DeviceSlice operand in operands) GC.KeepAlive(operand.Memory);
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Queues the operation of a problem with one unit or more, with operands that have been checked. Allocates nothing.</summary>
    /// <inheritdoc cref="Launch"/>
    protected abstract void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation);

    /// <summary>Releases workspace and kernels, where the plan holds any. Called once.</summary>
    protected virtual void Release()
    {
    }

    /// <summary>Checks operands against the problem: presence, device, size. Allocates nothing unless it throws.</summary>
    private void CheckOperands(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands)
    {
        ArgumentNullException.ThrowIfNull(stream);
        IReadOnlyList<OperandSpec?> specs = Problem.Operands;
        if (stream.Device != Device)
            throw new ArgumentException($"The stream belongs to {stream.Device.Info.Id}, the plan to another device object ({Device.Info.Id}).", nameof(stream));
        if (operands.Length != specs.Count)
            throw new ArgumentException($"Expected {specs.Count} operands, got {operands.Length}.", nameof(operands));
        for (int i = 0; i < specs.Count; i++) CheckOperand(specs[i], operands[i]);
    }

    private void CheckOperand(OperandSpec? spec, DeviceSlice given)
    {
        if (given.Memory is not { } memory)
        {
            // A tensor without elements needs no memory.
            if (spec is null || spec.IsOptional || spec.ElementCount == 0) return;
            throw new ArgumentException($"Operand '{spec.Name}' is absent. Expected {spec.StorageLength} elements of {spec.DType.Name()}.", spec.Name);
        }

        if (spec is null)
            throw new ArgumentException("An operand is given that the problem was made without; make the problem with it.", nameof(given));
        if (memory.Device != Device)
            throw new ArgumentException($"Operand '{spec.Name}' lies on another device. Allocate it on the plan's device ({Device.Info.Id}).", spec.Name);
        ObjectDisposedException.ThrowIf(memory.IsDisposed, memory);
        long elements = memory.ByteLength / spec.DType.SizeOf();
        if (given.ElementOffset < 0 || given.ElementOffset > elements - spec.StorageLength)
        {
            throw new ArgumentException(
                $"Operand '{spec.Name}' is too small: shape [{string.Join(", ", spec.Shape)}] with strides [{string.Join(", ", spec.Strides)}] "
                + $"needs {spec.StorageLength} elements from offset {given.ElementOffset}, the memory holds {elements}.", spec.Name);
        }
    }
}
