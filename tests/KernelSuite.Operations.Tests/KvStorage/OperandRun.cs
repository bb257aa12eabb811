using KernelSuite.Runtime;

namespace KernelSuite.Operations.Tests.KvStorage;

/// <summary>A problem's operands on a device, written and read one by one; several operands may be one memory.</summary>
internal sealed class OperandRun : IDisposable
{
    private readonly OperationProblem problem;
    private readonly Device device;
    private readonly DeviceMemory?[] memory;
    private readonly DeviceSlice[] slices;
    private readonly DeviceStream stream;

    public OperandRun(Device device, OperationProblem problem, params (int Output, int Input)[] inPlace)
    {
        this.device = device;
        this.problem = problem;
        stream = device.CreateStream();
        memory = [.. problem.Operands.Select((o, i) => o is null || inPlace.Any(p => p.Output == i) ? null : device.Allocate(o.DType, Math.Max(1, o.StorageLength)))];
        slices = [.. memory.Select(m => new DeviceSlice(m, 0))];
        foreach ((int output, int input) in inPlace) slices[output] = slices[input];
        foreach (DeviceMemory? m in memory)
            if (m is not null) stream.Fill(m, 0, m.ByteLength, 0xEE);
    }

    public void Write<T>(int operand, ReadOnlySpan<T> values)
        where T : unmanaged => stream.WriteBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values), slices[operand].Memory!, 0);

    public void Write<T>(int operand, T[] values)
        where T : unmanaged => Write<T>(operand, values.AsSpan());

    public T[] Read<T>(int operand)
        where T : unmanaged
    {
        var values = new T[problem.Operands[operand]!.StorageLength];
        stream.ReadBytes(slices[operand].Memory!, 0, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    public void Launch(Operation operation, string? implementation = null)
    {
        using OperationPlan plan = operation.Plan(device, problem, implementation);
        Launch(plan);
    }

    public void Launch(OperationPlan plan)
    {
        plan.Launch(stream, slices);
        stream.Synchronize();
    }

    public void Dispose()
    {
        stream.Dispose();
        foreach (DeviceMemory? m in memory) m?.Dispose();
    }
}
