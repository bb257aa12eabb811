using System.Runtime.InteropServices;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Launching;

/// <summary>An operation on host memory in one call: operands are copied to the device, computed and copied back.</summary>
internal sealed class HostRun : IDisposable
{
    private readonly OperationPlan plan;
    private readonly DeviceStream stream;
    private readonly DeviceMemory?[] memory;
    private readonly DeviceSlice[] slices;

    public HostRun(OperationPlan plan)
    {
        this.plan = plan;
        IReadOnlyList<OperandSpec?> specs = plan.Problem.Operands;
        memory = new DeviceMemory?[specs.Count];
        slices = new DeviceSlice[specs.Count];
        stream = plan.Device.CreateStream();
        try
        {
            for (int i = 0; i < specs.Count; i++)
            {
                if (specs[i] is not { StorageLength: > 0 } spec) continue;
                memory[i] = plan.Device.Allocate(spec.DType, spec.StorageLength);
                slices[i] = new DeviceSlice(memory[i], 0);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Checks the length of an operand's span and copies it to the device.</summary>
    /// <exception cref="ArgumentException">The span does not hold the operand; names it.</exception>
    public void Write<T>(int operand, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        Check(operand, values.Length);
        if (memory[operand] is { } target) stream.WriteBytes(MemoryMarshal.AsBytes(values[..Length(operand)]), target, 0);
    }

    public void Launch(CancellationToken cancellation) => plan.Launch(stream, slices, null, cancellation);

    public void Read<T>(int operand, Span<T> values)
        where T : unmanaged
    {
        if (memory[operand] is { } source) stream.ReadBytes(source, 0, MemoryMarshal.AsBytes(values[..Length(operand)]));
    }

    /// <summary>Checks the length of an operand's span.</summary>
    /// <exception cref="ArgumentException">The span does not hold the operand; names it.</exception>
    public void Check(int operand, int length)
    {
        OperandSpec? spec = plan.Problem.Operands[operand];
        if (spec is null && length > 0) throw new ArgumentException("An operand is given that the problem was made without.", nameof(operand));
        if (spec is not null && length < spec.StorageLength)
            throw new ArgumentException($"'{spec.Name}' holds {length} elements. Expected {spec.StorageLength} for shape [{string.Join(", ", spec.Shape)}].", spec.Name);
    }

    public void Dispose()
    {
        stream.Dispose();
        foreach (DeviceMemory? m in memory) m?.Dispose();
        plan.Dispose();
    }

    private int Length(int operand) => (int)plan.Problem.Operands[operand]!.StorageLength;
}
