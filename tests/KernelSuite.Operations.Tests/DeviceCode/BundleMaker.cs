using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace KernelSuite.Operations.Tests.DeviceCode;

/// <summary>Makes small bundles, sound ones and damaged ones.</summary>
internal static class BundleMaker
{
    public const string Cubin = "machine code";
    public const string Program = "family/kernel.cu";
    public const string Options = "-DA=1 -DB=2";

    /// <summary>The index of a bundle with one program of one kernel and one image.</summary>
    public static string Index(
        string schema = "1", string file = "kernel.sm_80.cubin", string target = "sm_80", string? bytes = null, string? hash = null, string registers = "40",
        string shared = "1024", string spills = "0", string threads = "128", string source = Program, string compiler = "nvcc 11.8.89", string programs = "")
    {
        string program =
            $$"""
            { "name": "{{source}}", "options": "{{Options}}",
              "images": [{ "target": "{{target}}", "file": "{{file}}", "bytes": {{bytes ?? Cubin.Length.ToString(CultureInfo.InvariantCulture)}}, "sha256": "{{hash ?? Hash(Cubin)}}" }],
              "kernels": [{ "name": "k", "max_threads": {{threads}}, "resources": [
                { "target": "{{target}}", "registers": {{registers}}, "shared_bytes": {{shared}}, "stack_bytes": 0, "spill_store_bytes": {{spills}}, "spill_load_bytes": 0, "constant_bytes": 360 }] }] }
            """;
        return $$"""
            { "schema": {{schema}}, "compiler": "{{compiler}}", "architectures": ["80"],
              "sources": [{ "path": "{{source}}", "sha256": "{{Hash("text")}}" }],
              "programs": [{{program}}{{programs.Replace("*", program, StringComparison.Ordinal)}}] }
            """;
    }

    public static byte[] Zip(string? index, params (string Name, string Content)[] files)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, string content) in index is null ? files : [("index.json", index), .. files])
            {
                using Stream entry = archive.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(content));
            }
        }

        return stream.ToArray();
    }

    /// <summary>A bundle of that index with its image.</summary>
    public static byte[] Bundle(string index) => Zip(index, ("kernel.sm_80.cubin", Cubin));

    public static CudaBundle Read(byte[] zip) => CudaBundle.Read("test.zip", () => new MemoryStream(zip, writable: false));

    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
