using System.IO.Compression;
using System.Security.Cryptography;
using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>
/// Compiled CUDA programs of one family, as the CMake step bundles them: a zip with <c>index.json</c>, cubins and PTX. The index is read
/// when the bundle is opened, an image when it is asked for. Nothing is taken on trust: sizes are bounded, names are plain, checksums
/// are verified, and each image is held against the hash that the index gives. Thread-safe.
/// </summary>
public sealed class CudaBundle
{
    internal const string IndexName = "index.json";
    internal const int MaxIndexBytes = 64 << 20;
    internal const int MaxImageBytes = 256 << 20;
    private const long MaxBundleBytes = 1L << 30;
    private const int MaxEntries = 1 << 16;

    private readonly Func<Stream> _open;
    private readonly Dictionary<(string Name, string Options), BundledProgram> _programs;

    private CudaBundle(string origin, Func<Stream> open)
    {
        Origin = origin;
        _open = open;
        CudaBundleIndex index = CudaBundleIndex.Parse(this, ReadEntry(IndexName, MaxIndexBytes));
        Compiler = index.Compiler;
        Architectures = index.Architectures;
        Sources = index.Sources;
        Programs = index.Programs;
        _programs = [];
        foreach (BundledProgram program in Programs)
            if (!_programs.TryAdd((program.Name, program.Options), program)) throw Malformed($"the program '{program.Name} {program.Options}' is listed twice");
    }

    /// <summary>The file, or the name of the resource.</summary>
    public string Origin { get; }

    /// <summary>The compiler, for example <c>nvcc 11.8.89</c>.</summary>
    public string Compiler { get; }

    /// <summary>Architectures that the bundle was made for, for example <c>80</c>.</summary>
    public IReadOnlyList<string> Architectures { get; }

    /// <summary>SHA-256, in lower-case hexadecimal, of each source and header that programs were compiled from, by path.</summary>
    public IReadOnlyDictionary<string, string> Sources { get; }

    /// <summary>The programs, in the order of the build.</summary>
    public IReadOnlyList<BundledProgram> Programs { get; }

    /// <summary>Opens a bundle file; it is opened again for each image, so it must stay.</summary>
    /// <exception cref="CudaBundleException">The file is not a bundle that this version reads.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static CudaBundle Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path);
        return Read(full, () => new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.Read));
    }

    /// <summary>Reads a bundle.</summary>
    /// <param name="origin">Its name, for messages.</param>
    /// <param name="open">Gives a new stream over it, which can seek.</param>
    /// <exception cref="CudaBundleException">It is not a bundle that this version reads.</exception>
    internal static CudaBundle Read(string origin, Func<Stream> open) => new(origin, open);

    /// <summary>The program of that name and those options; null where the bundle has none.</summary>
    public ProgramImages? Find(string name, string options)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(options);
        return _programs.TryGetValue((name, options), out BundledProgram? program) ? program.Images : null;
    }

    internal byte[] ReadImage(BundledImage image)
    {
        byte[] bytes = ReadEntry(image.File, image.Bytes);
        if (bytes.Length != image.Bytes) throw Malformed($"'{image.File}' has {bytes.Length} bytes, and the index says {image.Bytes}");
        if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != image.Sha256) throw Malformed($"'{image.File}' is not what the index has the hash of");
        return bytes;
    }

    internal CudaBundleException Malformed(string problem, Exception? inner = null) => new(Origin, CudaBundleFault.Malformed, problem, inner);

    private byte[] ReadEntry(string name, int maxBytes)
    {
        try
        {
            using Stream stream = _open();
            if (stream.Length > MaxBundleBytes) throw Malformed($"the bundle has {stream.Length} bytes, at most {MaxBundleBytes} are read");
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
            if (archive.Entries.Count > MaxEntries) throw Malformed($"the bundle has {archive.Entries.Count} entries, at most {MaxEntries} are read");
            ZipArchiveEntry entry = archive.GetEntry(name) ?? throw Malformed($"there is no '{name}' in it");
            if (entry.Length > maxBytes) throw Malformed($"'{name}' has {entry.Length} bytes, at most {maxBytes} were expected");
            using Stream content = entry.Open();
            byte[] bytes = ReadBounded(content, (int)entry.Length, name);
            return ZipCrc.Of(bytes) == entry.Crc32 ? bytes : throw Malformed($"'{name}' does not have the checksum that the archive's directory gives");
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or NotSupportedException or ArgumentException)
        {
            throw Malformed($"'{name}' cannot be read from it: {error.Message}", error);
        }
    }

    /// <summary>Reads the length that the archive's directory gives, and holds the content to it: the directory may lie.</summary>
    private byte[] ReadBounded(Stream content, int length, string name)
    {
        byte[] bytes = new byte[length];
        int got = content.ReadAtLeast(bytes, length, throwOnEndOfStream: false);
        if (got < length) throw Malformed($"'{name}' ends after {got} of {length} bytes");
        if (content.ReadByte() >= 0) throw Malformed($"'{name}' is longer than the {length} bytes that the archive's directory gives");
        return bytes;
    }
}
