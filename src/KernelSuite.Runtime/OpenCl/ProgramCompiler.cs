using System.Security.Cryptography;
using System.Text;

namespace KernelSuite.Runtime.OpenCl;

/// <summary>Turns source into a program: from the cache where the driver takes the stored binary, else by its compiler.</summary>
internal sealed unsafe class ProgramCompiler(FoundDevice found, KernelCache cache)
{
    /// <summary>No compiler writes more; a driver that says so is broken.</summary>
    private const int MaxLogBytes = 64 << 20;

    /// <summary>Raised when keys or stored binaries change their meaning.</summary>
    private const string KeyVersion = "ksuite-opencl-1";

    private readonly string device = found.Info.Id.ToString();

    public OpenClProgram Build(OpenClDevice owner, ProgramSource source)
    {
        byte[] options = NullTerminated(source.Options, "build options");
        byte[] key = Key(source);
        if (cache.TryRead(key) is { } binary)
        {
            if (TryLoad(owner, binary, options) is { } loaded) return new OpenClProgram(owner, loaded, source.Name, string.Empty, fromCache: true);
            cache.Remove(key);
        }

        ProgramHandle handle = Compile(owner, source, options, out string log);
        try
        {
            if (ReadBinary(handle) is { } built) cache.Write(key, built);
            return new OpenClProgram(owner, handle, source.Name, log, fromCache: false);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>SHA-256 over all that decides the binary, each part with its length so that no two lists of parts read alike.</summary>
    private byte[] Key(ProgramSource source)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string part in (ReadOnlySpan<string>)
            [KeyVersion, source.Text, source.Options, found.Info.Name, found.Info.Driver, found.Info.Api, found.PlatformVersion])
        {
            byte[] text = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes((long)text.Length));
            hash.AppendData(text);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Null where the driver rejects the binary, whatever its reason: the source is at hand and is built instead.</summary>
    private ProgramHandle? TryLoad(OpenClDevice owner, byte[] binary, byte[] options)
    {
        nint raw;
        int status;
        int binaryStatus = 0;
        nint rawDevice = found.Device;
        nuint length = (nuint)binary.Length;
        fixed (byte* start = binary)
        {
            byte* data = start;
            raw = ClNative.clCreateProgramWithBinary(owner.Context, 1, &rawDevice, &length, &data, &binaryStatus, &status);
        }

        if (status != ClStatus.Success || raw == 0) return null;
        var handle = new ProgramHandle(raw, owner.Context);
        fixed (byte* text = options)
        {
            if (binaryStatus == ClStatus.Success && ClNative.clBuildProgram(handle, 1, &rawDevice, text, 0, 0) == ClStatus.Success) return handle;
        }

        handle.Dispose();
        return null;
    }

    private ProgramHandle Compile(OpenClDevice owner, ProgramSource source, byte[] options, out string log)
    {
        byte[] text = Encoding.UTF8.GetBytes(source.Text);
        if (text.Length == 0) throw new ArgumentException($"Program '{source.Name}' has no text.", nameof(source));
        nuint length = (nuint)text.Length;
        int status;
        nint raw;
        fixed (byte* start = text)
        {
            byte* data = start;
            raw = ClNative.clCreateProgramWithSource(owner.Context, 1, &data, &length, &status);
        }

        ClStatus.Check(status, "clCreateProgramWithSource", device, $"program '{source.Name}', {text.Length:N0} bytes");
        var handle = new ProgramHandle(raw, owner.Context);
        try
        {
            nint rawDevice = found.Device;
            fixed (byte* optionText = options) status = ClNative.clBuildProgram(handle, 1, &rawDevice, optionText, 0, 0);
            log = ReadLog(handle);
            if (status != ClStatus.Success)
            {
                string whole = log.Length == 0 ? $"(the driver gave no log) {ClStatus.Describe(status)}" : $"{log}{Environment.NewLine}{ClStatus.Describe(status)}";
                throw new ProgramBuildException(device, source.Name, source.Options, whole, status);
            }

            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private string ReadLog(ProgramHandle handle)
    {
        nint raw = handle.DangerousGetHandle();
        nuint bytes = 0;
        if (ClNative.clGetProgramBuildInfo(raw, found.Device, ClConstants.ProgramBuildLog, 0, null, &bytes) != ClStatus.Success) return string.Empty;
        if (bytes == 0) return string.Empty;
        if (bytes > MaxLogBytes) return $"(a log of {bytes:N0} bytes, more than the {MaxLogBytes:N0} that are read)";
        byte[] text = new byte[(int)bytes];
        fixed (byte* start = text)
        {
            if (ClNative.clGetProgramBuildInfo(raw, found.Device, ClConstants.ProgramBuildLog, bytes, start, null) != ClStatus.Success) return string.Empty;
        }

        return ClInfo.Decode(text);
    }

    /// <summary>Null where the driver gives no binary; the program works all the same and is compiled again next time.</summary>
    private byte[]? ReadBinary(ProgramHandle handle)
    {
        nint raw = handle.DangerousGetHandle();
        nuint size = 0;
        int status = ClNative.clGetProgramInfo(raw, ClConstants.ProgramBinarySizes, (nuint)sizeof(nuint), &size, null);
        if (status != ClStatus.Success || size == 0 || size > KernelCache.MaxEntryBytes)
        {
            cache.Note($"{device} offers no binary that can be kept ({ClStatus.Describe(status)}, {size:N0} bytes).");
            return null;
        }

        byte[] binary = new byte[(int)size];
        fixed (byte* start = binary)
        {
            byte* data = start;
            status = ClNative.clGetProgramInfo(raw, ClConstants.ProgramBinaries, (nuint)sizeof(byte*), &data, null);
        }

        if (status == ClStatus.Success) return binary;
        cache.Note($"{device} did not hand out its binary ({ClStatus.Describe(status)}).");
        return null;
    }

    private static byte[] NullTerminated(string text, string what)
    {
        if (text.Contains('\0', StringComparison.Ordinal)) throw new ArgumentException($"The {what} contain a zero character.", nameof(text));
        return Encoding.UTF8.GetBytes(text + '\0');
    }
}
