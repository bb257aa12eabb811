using System.Runtime.InteropServices;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring;

/// <summary>One call on host memory: a plan, a stream, and device memory for each operand.</summary>
internal sealed class HostCall : IDisposable
{
    private readonly OperationProblem problem;
    private readonly OperationPlan plan;
    private readonly DeviceStream stream;
    private readonly DeviceMemory?[] memory;

    public HostCall(Device device, Operation operation, OperationProblem problem)
    {
        this.problem = problem;
        memory = new DeviceMemory?[problem.Operands.Count];
        plan = operation.Plan(device, problem);
        stream = null!;
        try
        {
            stream = device.CreateStream();
            for (int i = 0; i < memory.Length; i++)
            {
                if (problem.Operands[i] is { } spec)
                    memory[i] = device.Allocate(spec.DType, Math.Max(1, spec.StorageLength));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Copies an input to the device; nothing where the problem is without it.</summary>
    /// <exception cref="ArgumentException">The span is shorter than the operand; names it.</exception>
    public void Write<T>(int operand, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        Check(operand, values.Length);
        if (problem.Operands[operand] is { ElementCount: > 0 } spec)
            stream.WriteBytes(MemoryMarshal.AsBytes(values[..(int)spec.StorageLength]), memory[operand]!, 0);
    }

    /// <summary>Checks the length of a span before anything is computed.</summary>
    /// <exception cref="ArgumentException">The span is shorter than the operand; names it.</exception>
    public void Check(int operand, int length)
    {
        if (problem.Operands[operand] is { } spec && length < spec.StorageLength)
            throw new ArgumentException($"'{spec.Name}' holds {length} elements. Expected {spec.StorageLength} for shape [{string.Join(", ", spec.Shape)}].", spec.Name);
    }

    public void Launch(CancellationToken cancellation)
    {
        Span<DeviceSlice> operands = new DeviceSlice[memory.Length];
        for (int i = 0; i < operands.Length; i++) operands[i] = memory[i] is { } present ? new DeviceSlice(present, 0) : default;
        plan.Launch(stream, operands, cancellation: cancellation);
    }

    /// <summary>Copies an output back; nothing where the problem is without it.</summary>
    public void Read(int operand, Span<float> values)
    {
        if (problem.Operands[operand] is { ElementCount: > 0 } spec)
            stream.ReadBytes(memory[operand]!, 0, MemoryMarshal.AsBytes(values[..(int)spec.StorageLength]));
    }

    public void Dispose()
    {
        stream?.Dispose();
        foreach (DeviceMemory? part in memory) part?.Dispose();
        plan.Dispose();
    }
}
