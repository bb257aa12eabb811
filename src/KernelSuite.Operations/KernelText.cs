using System.Collections.Concurrent;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace KernelSuite.Operations;

/// <summary>
/// The device code that travels inside this assembly: the sources and headers of kernels/, as text. Paths are relative to the kernels
/// folder and written with forward slashes, for example <c>attention/attention_forward.cl</c>. CUDA programs compiled from it are in
/// <see cref="KernelImages"/>.
/// </summary>
public static class KernelText
{
    private const string Prefix = "kernels/";
    private const string ManifestName = Prefix + "manifest.json";

    private static readonly Assembly Home = typeof(KernelText).Assembly;
    private static readonly ConcurrentDictionary<string, string> Loaded = new(StringComparer.Ordinal);

    /// <summary>Every embedded source and header, in ordinal order.</summary>
    public static IReadOnlyList<string> Paths { get; } =
    [
        .. Home.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name != ManifestName && !name.EndsWith(".zip", StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..])
            .Order(StringComparer.Ordinal),
    ];

    private static readonly Lazy<DeviceCodeManifest> LazyManifest = new(() => DeviceCodeManifest.Compare(
        ReadResource(ManifestName), [.. Paths.Where(p => p.EndsWith(".cl", StringComparison.Ordinal) || p.EndsWith(".h", StringComparison.Ordinal))], ReadBytes));

    /// <summary>Whether the embedded OpenCL text is what the CMake build compiled for checking, and with which compiler.</summary>
    public static DeviceCodeManifest Manifest => LazyManifest.Value;

    /// <summary>
    /// The text of one source with every <c>#include "..."</c> replaced by the header's text, each header once. #line directives keep
    /// the places that a device compiler names in its log.
    /// </summary>
    /// <param name="path">Path below the kernels folder.</param>
    /// <exception cref="ArgumentException">No such source is embedded.</exception>
    /// <exception cref="InvalidOperationException">An include cannot be resolved; the message names file and line.</exception>
    public static string Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Loaded.GetOrAdd(path, static path =>
        {
            if (!Paths.Contains(path))
            {
                throw new ArgumentException(
                    $"No device code '{path}' is embedded. Expected one of: {string.Join(", ", Paths.Where(p => p.EndsWith(".cl", StringComparison.Ordinal)))}.",
                    nameof(path));
            }

            return IncludeFlattener.Flatten(path, ReadText);
        });
    }

    /// <summary>A source and every embedded header that it includes, directly or not, under a condition or not; empty where there is no such source.</summary>
    internal static IReadOnlyList<string> Reach(string path) => IncludeFlattener.Reach(path, ReadText);

    /// <summary>SHA-256 of an embedded file in lower-case hexadecimal.</summary>
    internal static string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(ReadBytes(path)));

    private static string? ReadText(string path) => ReadResource(Prefix + path) is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null;

    private static byte[] ReadBytes(string path) => ReadResource(Prefix + path) ?? [];

    private static byte[]? ReadResource(string name)
    {
        using Stream? stream = Home.GetManifestResourceStream(name);
        if (stream is null) return null;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
