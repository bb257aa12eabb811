using System.Buffers.Binary;
using System.Security.Cryptography;

namespace KernelSuite.Runtime;

/// <summary>
/// Built programs on disk, found by a 32-byte key. It is an optimisation only: a missing, damaged or unwritable folder never fails a
/// build, it only makes it slower, and <see cref="LastProblem"/> says so. Thread-safe, and safe between processes: an entry appears by
/// renaming a finished file and is checked when read.
/// </summary>
/// <param name="location">The folder; null where there is no place for one.</param>
public sealed class KernelCache(string? location)
{
    /// <summary>Largest binary that is stored or read, in bytes.</summary>
    public const int MaxEntryBytes = 256 << 20;

    private const string EntrySuffix = ".ksbin";
    private const string TemporarySuffix = ".kstmp";
    private const int KeyBytes = 32;
    private const int ChecksumBytes = 32;

    // magic "KSUITEKC", uint32 version, int32 payload bytes, key, SHA-256 of the payload; then the payload.
    private const ulong Magic = 0x434B_4554_4955_534B;
    private const uint Version = 1;
    private const int HeaderBytes = 8 + 4 + 4 + KeyBytes + ChecksumBytes;

    private volatile string? lastProblem;

    /// <summary>
    /// The folder above all caches: <c>KSUITE_CACHE_DIR</c>, else <c>XDG_CACHE_HOME/ksuite</c>, else <c>~/.cache/ksuite</c>. Null where none
    /// of them is set. A relative XDG_CACHE_HOME does not count, as its specification demands.
    /// </summary>
    public static string? DefaultFolder
    {
        get
        {
            if (Environment.GetEnvironmentVariable("KSUITE_CACHE_DIR") is { Length: > 0 } own) return Path.GetFullPath(own);
            if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg && Path.IsPathFullyQualified(xdg)) return Path.Combine(xdg, "ksuite");
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
            return Path.IsPathFullyQualified(home) ? Path.Combine(home, ".cache", "ksuite") : null;
        }
    }

    /// <summary>The folder; null where there is no place for one.</summary>
    public string? Location { get; } = location is null ? null : Path.GetFullPath(location);

    /// <summary>The latest thing that went wrong, or null. Nothing here ever fails a build.</summary>
    public string? LastProblem => lastProblem;

    /// <summary>Counts what is there and tries whether the folder can be written.</summary>
    public KernelCacheState Inspect()
    {
        if (Location is null) return new KernelCacheState(null, 0, 0, false, "No cache folder: set KSUITE_CACHE_DIR, XDG_CACHE_HOME or HOME.");
        int entries = 0;
        long bytes = 0;
        try
        {
            foreach (FileInfo file in Files(EntrySuffix))
            {
                entries++;
                bytes += file.Length;
            }
        }
        catch (Exception error) when (IsFileError(error))
        {
            return new KernelCacheState(Location, entries, bytes, false, error.Message);
        }

        string? problem = TryWriteProbe();
        return new KernelCacheState(Location, entries, bytes, problem is null, problem ?? LastProblem);
    }

    /// <summary>Deletes every entry, and what interrupted writers left behind. Files that are not the cache's own stay.</summary>
    /// <returns>The number of entries deleted.</returns>
    /// <exception cref="IOException">A file cannot be deleted.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be deleted.</exception>
    public int Clear()
    {
        int deleted = 0;
        foreach (FileInfo file in Files(EntrySuffix))
        {
            file.Delete();
            deleted++;
        }

        foreach (FileInfo file in Files(TemporarySuffix)) file.Delete();
        return deleted;
    }

    /// <summary>The binary under <paramref name="key"/>; null if there is none or it is damaged.</summary>
    internal byte[]? TryRead(ReadOnlySpan<byte> key)
    {
        if (Location is null) return null;
        string path = PathOf(key);
        try
        {
            if (!File.Exists(path)) return null;
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            string? fault = ReadEntry(file, key, out byte[] payload);
            if (fault is null) return payload;
            Note($"{path}: {fault}; it is built again.");
        }
        catch (Exception error) when (IsFileError(error))
        {
            Note($"{path}: {error.Message}");
        }

        return null;
    }

    /// <summary>Stores a binary. A reader sees the whole of it or nothing.</summary>
    internal void Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> payload)
    {
        if (Location is null) return;
        string path = PathOf(key);
        string temporary = $"{path}.{Environment.ProcessId}-{Guid.NewGuid():N}{TemporarySuffix}";
        try
        {
            CreateFolder(Location);
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                Span<byte> header = stackalloc byte[HeaderBytes];
                BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
                BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Version);
                BinaryPrimitives.WriteInt32LittleEndian(header[12..], payload.Length);
                key.CopyTo(header[16..]);
                SHA256.HashData(payload, header[(16 + KeyBytes)..]);
                file.Write(header);
                file.Write(payload);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (IsFileError(error))
        {
            Note($"{path} was not written: {error.Message}");
            TryDelete(temporary);
        }
    }

    /// <summary>Removes an entry that the driver has rejected.</summary>
    internal void Remove(ReadOnlySpan<byte> key)
    {
        if (Location is null) return;
        string path = PathOf(key);
        Note($"{path}: the driver rejected the binary; it is built again.");
        TryDelete(path);
    }

    /// <summary>Keeps a problem for <see cref="LastProblem"/>.</summary>
    internal void Note(string problem) => lastProblem = problem;

    /// <summary>The file of a key.</summary>
    internal string PathOf(ReadOnlySpan<byte> key) => Path.Combine(Location!, Convert.ToHexStringLower(key) + EntrySuffix);

    private static string? ReadEntry(FileStream file, ReadOnlySpan<byte> key, out byte[] payload)
    {
        payload = [];
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (file.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes) return "the header is cut short";
        if (BinaryPrimitives.ReadUInt64LittleEndian(header) != Magic) return "it is not a cache entry";
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) != Version) return "it is of another version";
        if (!header.Slice(16, KeyBytes).SequenceEqual(key)) return "it holds another key";
        int bytes = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        if (bytes is < 0 or > MaxEntryBytes || file.Length != HeaderBytes + (long)bytes) return "its length is wrong";
        byte[] data = new byte[bytes];
        if (file.ReadAtLeast(data, bytes, throwOnEndOfStream: false) < bytes) return "it is cut short";
        Span<byte> checksum = stackalloc byte[ChecksumBytes];
        SHA256.HashData(data, checksum);
        if (!checksum.SequenceEqual(header.Slice(16 + KeyBytes, ChecksumBytes))) return "its checksum is wrong";
        payload = data;
        return null;
    }

    /// <summary>Entries are machine code that the driver will run, so the folder belongs to its user alone.</summary>
    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (IsFileError(error))
        {
            // The next writer replaces it; until then the reader rejects it again.
        }
    }

    private static bool IsFileError(Exception error) => error is IOException or UnauthorizedAccessException or NotSupportedException;

    private IEnumerable<FileInfo> Files(string suffix) =>
        Location is null || !Directory.Exists(Location) ? [] : new DirectoryInfo(Location).EnumerateFiles("*" + suffix);

    private string? TryWriteProbe()
    {
        string probe = Path.Combine(Location!, $"probe.{Environment.ProcessId}-{Guid.NewGuid():N}{TemporarySuffix}");
        try
        {
            CreateFolder(Location!);
            using var file = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            return null;
        }
        catch (Exception error) when (IsFileError(error))
        {
            return error.Message;
        }
    }
}

/// <summary>What a look at the cache found.</summary>
/// <param name="Location">The folder; null where there is no place for one.</param>
/// <param name="Entries">Number of entries.</param>
/// <param name="Bytes">Their size in bytes.</param>
/// <param name="Writable">Whether new entries can be stored.</param>
/// <param name="Problem">What is or was wrong, or null.</param>
public sealed record KernelCacheState(string? Location, int Entries, long Bytes, bool Writable, string? Problem);
