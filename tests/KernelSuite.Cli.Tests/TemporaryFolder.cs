using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Tests;

/// <summary>A folder for one test, with small attention inputs on demand.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ksuite-cli-").FullName;

    public string this[string file] => System.IO.Path.Combine(Path, file);

    public IEnumerable<string> Files => Directory.EnumerateFileSystemEntries(Path).Select(p => System.IO.Path.GetFileName(p)).Order();

    public string Write(string file, params ReadOnlySpan<long> shape)
    {
        using var array = new HostArray(DType.Float32, shape);
        var random = new SeededRandom(3);
        foreach (ref float value in array.AsSpan<float>()) value = (float)random.NextNormal();
        NpyFile.Write(this[file], array);
        return this[file];
    }

    /// <summary>q, k and v of a small problem, and the arguments that name them.</summary>
    public string[] Attention(params string[] more)
    {
        Write("q.npy", 1, 2, 9, 16);
        Write("k.npy", 1, 2, 11, 16);
        Write("v.npy", 1, 2, 11, 16);
        return ["run", "attention", "--q", this["q.npy"], "--k", this["k.npy"], "--v", this["v.npy"], "--out", this["o.npy"], .. more];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
