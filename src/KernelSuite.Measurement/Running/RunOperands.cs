using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>The operands of a run on the device. An output that nobody wants gets memory only if its problem insists on it, and no file.</summary>
internal sealed unsafe class RunOperands : IDisposable
{
    private readonly OperationProblem problem;
    private readonly IReadOnlyDictionary<string, string> files;
    private readonly DeviceMemory?[] memory;

    public RunOperands(Device device, OperationProblem problem, IReadOnlyDictionary<string, string> files)
    {
        this.problem = problem;
        this.files = files;
        memory = new DeviceMemory?[problem.Operands.Count];
        Slices = new DeviceSlice[memory.Length];
        try
        {
            for (int i = 0; i < memory.Length; i++)
            {
                if (problem.Operands[i] is not { } spec || (spec.IsOptional && !files.ContainsKey(spec.Name))) continue;
                memory[i] = device.Allocate(spec.DType, spec.StorageLength);
                Slices[i] = new DeviceSlice(memory[i], 0);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public DeviceSlice[] Slices { get; }

    public void Write(DeviceStream stream, IReadOnlyDictionary<string, HostArray> inputs, CancellationToken cancellation)
    {
        for (int i = 0; i < memory.Length; i++)
        {
            if (memory[i] is not { } target || problem.Operands[i] is not { IsOutput: false } spec) continue;
            OperationRunner.Copy(inputs[spec.Name], (address, offset, count) =>
            {
                stream.WriteBytes(new ReadOnlySpan<byte>((void*)address, count), target, offset);
                return true;
            }, cancellation);
        }
    }

    /// <summary>Reads every wanted output back, and only when all are here writes the files.</summary>
    public IReadOnlyList<RunArray> Save(DeviceStream stream, CancellationToken cancellation)
    {
        var arrays = new List<(string Name, HostArray Array)>();
        try
        {
            for (int i = 0; i < memory.Length; i++)
            {
                if (memory[i] is not { } source || problem.Operands[i] is not { IsOutput: true } spec || !files.ContainsKey(spec.Name)) continue;
                var array = new HostArray(spec.DType, spec.Shape.AsSpan());
                arrays.Add((spec.Name, array));
                OperationRunner.Copy(array, (address, offset, count) =>
                {
                    stream.ReadBytes(source, offset, new Span<byte>((void*)address, count));
                    return true;
                }, cancellation);
            }

            foreach ((string name, HostArray array) in arrays) NpyFile.Write(files[name], array, cancellation);
            return [.. arrays.Select(a => new RunArray(a.Name, files[a.Name], a.Array.DType.Name(), a.Array.Shape))];
        }
        finally
        {
            foreach ((_, HostArray array) in arrays) array.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (DeviceMemory? m in memory) m?.Dispose();
    }
}
