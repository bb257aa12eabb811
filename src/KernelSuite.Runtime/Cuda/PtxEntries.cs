using System.Buffers.Text;
using System.Text;

namespace KernelSuite.Runtime.Cuda;

/// <summary>One parameter of a kernel.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Alignment">Bytes; a power of two.</param>
internal readonly record struct PtxParameter(int Size, int Alignment);

/// <summary>Threads of a block along the three axes.</summary>
internal readonly record struct PtxShape(int X, int Y, int Z);

/// <summary>The signature of a kernel.</summary>
/// <param name="Name">Its linker name.</param>
/// <param name="Parameters">Its parameters in order.</param>
/// <param name="MaxThreads">What <c>.maxntid</c> says (__launch_bounds__), if anything: the product of the three is the bound.</param>
/// <param name="RequiredThreads">What <c>.reqntid</c> says, if anything: the only shape that a launch may have.</param>
internal sealed record PtxEntry(string Name, IReadOnlyList<PtxParameter> Parameters, PtxShape? MaxThreads, PtxShape? RequiredThreads);

/// <summary>What is read from a PTX module.</summary>
/// <param name="Version">The version of the PTX language.</param>
/// <param name="Target">For example <c>sm_80</c>.</param>
/// <param name="Entries">The kernels by name.</param>
internal sealed record PtxModule(Version Version, string Target, IReadOnlyDictionary<string, PtxEntry> Entries);

/// <summary>
/// Reads the kernel signatures of PTX text: drivers before 12.4 cannot be asked for the sizes of a kernel's parameters, and a cubin does not
/// show them, so the PTX that lies beside every cubin has to tell. Grammar: PTX ISA, ".entry", ".param" and "Performance-Tuning Directives".
/// </summary>
internal static class PtxEntries
{
    private const int MaxTextBytes = 256 << 20;
    private const int MaxEntries = 1 << 16;
    private const int MaxParameters = 4096;

    /// <summary>The PTX ISA's bound on the parameters of a kernel from version 8.1 on.</summary>
    private const int MaxParameterBytes = 32764;
    private const int MaxAlignment = 1024;
    private const int MaxNameBytes = 4096;

    /// <summary>Reads a module.</summary>
    /// <exception cref="FormatException">It is not well-formed; the message names the line and what was expected.</exception>
    public static PtxModule Parse(ReadOnlySpan<byte> text)
    {
        if (text.Length > MaxTextBytes) throw new FormatException($"The PTX has {text.Length:N0} bytes; at most {MaxTextBytes:N0} are read.");
        var scanner = new PtxScanner(text);
        var entries = new Dictionary<string, PtxEntry>(StringComparer.Ordinal);
        Version? version = null;
        string? target = null;
        while (scanner.TryNext(out ReadOnlySpan<byte> token))
        {
            if (token.SequenceEqual(".version"u8))
            {
                version ??= ReadVersion(ref scanner);
            }
            else if (token.SequenceEqual(".target"u8))
            {
                target ??= Name(ref scanner);
            }
            else if (token.SequenceEqual(".entry"u8))
            {
                PtxEntry entry = ReadEntry(ref scanner, out bool isDefinition);
                if (entries.Count >= MaxEntries) throw scanner.Error($"at most {MaxEntries:N0} kernels");
                // A declaration may come before the definition and says the same.
                if (isDefinition && !entries.TryAdd(entry.Name, entry)) throw scanner.Error($"one definition of kernel '{entry.Name}'");
            }
        }

        if (version is null || target is null) throw scanner.Error("a .version and a .target directive");
        return new PtxModule(version, target, entries);
    }

    private static Version ReadVersion(ref PtxScanner scanner)
    {
        ReadOnlySpan<byte> token = scanner.Next("a PTX version such as 7.8");
        int dot = token.IndexOf((byte)'.');
        if (dot <= 0 || !TryInteger(token[..dot], 99, out int major) || !TryInteger(token[(dot + 1)..], 99, out int minor))
            throw scanner.Error("a PTX version such as 7.8");
        return new Version(major, minor);
    }

    private static PtxEntry ReadEntry(ref PtxScanner scanner, out bool isDefinition)
    {
        string name = Name(ref scanner);
        var parameters = new List<PtxParameter>();
        PtxShape? most = null, required = null;
        ReadOnlySpan<byte> token = scanner.Next("'(' or a kernel's body");
        if (token.SequenceEqual("("u8))
        {
            ReadParameters(ref scanner, parameters);
            token = scanner.Next("a kernel's body");
        }

        while (true)
        {
            if (token.SequenceEqual("{"u8) || token.SequenceEqual(";"u8)) break;
            if (token.SequenceEqual(".maxntid"u8)) most = ReadShape(ref scanner);
            else if (token.SequenceEqual(".reqntid"u8)) required = ReadShape(ref scanner);
            else if (token.SequenceEqual(".pragma"u8)) SkipPragma(ref scanner);
            else if (token.SequenceEqual(".entry"u8) || token.SequenceEqual("}"u8)) throw scanner.Error($"the body of kernel '{name}'");
            token = scanner.Next("a kernel's body");
        }

        isDefinition = token.SequenceEqual("{"u8);
        return new PtxEntry(name, parameters, most, required);
    }

    private static void ReadParameters(ref PtxScanner scanner, List<PtxParameter> parameters)
    {
        ReadOnlySpan<byte> token = scanner.Next("a parameter or ')'");
        if (token.SequenceEqual(")"u8)) return;
        long bytes = 0;
        while (true)
        {
            if (!token.SequenceEqual(".param"u8)) throw scanner.Error("a .param declaration");
            PtxParameter parameter = ReadParameter(ref scanner);
            bytes = ((bytes + parameter.Alignment - 1) / parameter.Alignment * parameter.Alignment) + parameter.Size;
            if (bytes > MaxParameterBytes || parameters.Count >= MaxParameters) throw scanner.Error($"at most {MaxParameterBytes:N0} bytes of parameters");
            parameters.Add(parameter);
            if (scanner.Skip(")"u8)) return;
            if (!scanner.Skip(","u8)) throw scanner.Error("',' or ')' behind a parameter");
            token = scanner.Next("a parameter");
        }
    }

    /// <summary>.param {.align n} .type {.ptr {.space} {.align n}} name {[count]}</summary>
    private static PtxParameter ReadParameter(ref PtxScanner scanner)
    {
        ReadOnlySpan<byte> token = scanner.Next("a parameter's type");
        int alignment = 0;
        if (token.SequenceEqual(".align"u8))
        {
            alignment = Integer(ref scanner, MaxAlignment);
            if (!int.IsPow2(alignment)) throw scanner.Error("an alignment that is a power of two");
            token = scanner.Next("a parameter's type");
        }

        int size = SizeOf(token);
        if (size == 0) throw scanner.Error($"a fundamental type, found '{Encoding.UTF8.GetString(token[..Math.Min(token.Length, 40)])}'");
        int elementSize = size;
        token = scanner.Next("a parameter's name");
        // .ptr and what follows describe the memory that the pointer points to, not the parameter.
        while (token[0] == (byte)'.')
        {
            if (token.SequenceEqual(".align"u8)) _ = Integer(ref scanner, int.MaxValue);
            token = scanner.Next("a parameter's name");
        }

        CheckName(ref scanner, token);
        if (scanner.Skip("["u8))
        {
            size *= Integer(ref scanner, MaxParameterBytes);
            if (size == 0) throw scanner.Error("a parameter of at least one byte");
            if (!scanner.Skip("]"u8)) throw scanner.Error("']' behind a parameter's length");
        }

        return new PtxParameter(size, Math.Max(alignment, elementSize));
    }

    private static PtxShape ReadShape(ref PtxScanner scanner)
    {
        Span<int> axes = [1, 1, 1];
        for (int i = 0; i < axes.Length; i++)
        {
            axes[i] = Integer(ref scanner, int.MaxValue);
            if (axes[i] == 0) throw scanner.Error("at least 1 thread along each axis");
            if (!scanner.Skip(","u8)) break;
        }

        return new PtxShape(axes[0], axes[1], axes[2]);
    }

    private static void SkipPragma(ref PtxScanner scanner)
    {
        while (!scanner.Next("';' behind .pragma").SequenceEqual(";"u8))
        {
        }
    }

    private static int SizeOf(ReadOnlySpan<byte> type)
    {
        if (type.SequenceEqual(".f16x2"u8) || type.SequenceEqual(".bf16x2"u8)) return 4;
        if (type.SequenceEqual(".bf16"u8)) return 2;
        if (type.Length is < 3 or > 5 || type[0] != (byte)'.' || !"bsuf"u8.Contains(type[1])) return 0;
        return type[2..] switch
        {
            [(byte)'8'] when type[1] != (byte)'f' => 1,
            [(byte)'1', (byte)'6'] => 2,
            [(byte)'3', (byte)'2'] => 4,
            [(byte)'6', (byte)'4'] => 8,
            [(byte)'1', (byte)'2', (byte)'8'] when type[1] == (byte)'b' => 16,
            _ => 0,
        };
    }

    private static int Integer(ref PtxScanner scanner, int most)
    {
        if (!TryInteger(scanner.Next("a number"), most, out int value)) throw scanner.Error($"a number of at most {most:N0}");
        return value;
    }

    private static bool TryInteger(ReadOnlySpan<byte> token, int most, out int value) =>
        Utf8Parser.TryParse(token, out value, out int read) && read == token.Length && token[0] != (byte)'-' && token[0] != (byte)'+' && value <= most;

    private static string Name(ref PtxScanner scanner)
    {
        ReadOnlySpan<byte> token = scanner.Next("a name");
        CheckName(ref scanner, token);
        return Encoding.UTF8.GetString(token);
    }

    private static void CheckName(ref PtxScanner scanner, ReadOnlySpan<byte> token)
    {
        bool valid = token.Length <= MaxNameBytes && !char.IsAsciiDigit((char)token[0]);
        foreach (byte letter in token) valid &= char.IsAsciiLetterOrDigit((char)letter) || letter is (byte)'_' or (byte)'$' or (byte)'%';
        if (!valid) throw scanner.Error("a name");
    }
}
