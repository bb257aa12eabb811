using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>The input files of a run, read. All headers are read and their claims added up before any array is.</summary>
internal sealed class InputArrays : IDisposable
{
    private readonly Dictionary<string, HostArray> arrays = [];
    private readonly Dictionary<string, string> paths = [];

    public InputArrays(
        Device device, Operation operation, IReadOnlyDictionary<string, string> files, IProgress<SuiteProgress>? progress, CancellationToken cancellation)
    {
        long total = 0;
        foreach (OperandSignature operand in operation.Signature.Operands)
        {
            if (operand.IsOutput || !files.TryGetValue(operand.Name, out string? path)) continue;
            if (!File.Exists(path)) throw new FileNotFoundException($"--{operand.Name}: there is no file '{path}'.", path);
            NpyHeader header = NpyFile.ReadHeader(path);
            total += header.Shape.Aggregate(1L, (product, extent) => product * extent) * header.DType.SizeOf();
            paths[operand.Name] = path;
        }

        // A host copy and a device copy, which on a CPU device share one memory.
        long free = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (total > free / 2)
            throw new ArgumentException($"The inputs hold {total:N0} bytes and need twice that, but this process may use {free:N0} bytes. Use smaller arrays.");
        if (device.Info.GlobalMemoryBytes > 0 && total > device.Info.GlobalMemoryBytes)
            throw new ArgumentException($"The inputs hold {total:N0} bytes, but {device.Info.Id} has {device.Info.GlobalMemoryBytes:N0} bytes. Use smaller arrays or another device.");
        try
        {
            foreach ((string name, string path) in paths)
            {
                progress?.Report(new SuiteProgress(0, 3, $"reading {path}"));
                arrays[name] = NpyFile.Read(path, cancellation);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IReadOnlyDictionary<string, HostArray> Arrays => arrays;

    public IReadOnlyList<RunArray> Describe() => [.. arrays.Select(a => new RunArray(a.Key, paths[a.Key], a.Value.DType.Name(), a.Value.Shape))];

    public void Dispose()
    {
        foreach (HostArray array in arrays.Values) array.Dispose();
    }
}
