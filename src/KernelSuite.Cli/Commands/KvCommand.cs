using System.CommandLine;
using KernelSuite.Measurement;

namespace KernelSuite.Cli.Commands;

/// <summary><c>ksuite kv</c>: cache policies on a model.</summary>
internal static class KvCommand
{
    private const long MaxTextBytes = 256L << 20;

    public static Command Create(CliHost host) => new("kv", "Judges key/value cache policies on a byte-level model")
    {
        KvEvalCommand.Create(host),
        KvExplainCommand.Create(host),
    };

    internal static Option<string> Model() => new("--model") { Description = "Folder with config.json and safetensors", HelpName = "dir", Required = true };

    internal static Option<string> Device() => new("--device") { Description = "Device that holds the cache and attends; dense layers run on cpu", HelpName = "d", DefaultValueFactory = _ => "cpu" };

    internal static byte[] ReadText(string path)
    {
        long length = new FileInfo(path).Length;
        return length <= MaxTextBytes ? File.ReadAllBytes(path) : throw new ArgumentException($"'{path}' has {length:N0} bytes. Expected a text of at most {MaxTextBytes:N0}.");
    }
}
