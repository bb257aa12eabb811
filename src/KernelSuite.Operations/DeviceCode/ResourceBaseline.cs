using System.Text;
using System.Text.Json;

namespace KernelSuite.Operations;

/// <summary>A file is not a resource baseline that this version reads.</summary>
/// <param name="path">The file.</param>
/// <param name="problem">What was found, and what was expected.</param>
/// <param name="inner">The error underneath, if any.</param>
public sealed class ResourceBaselineException(string path, string problem, Exception? inner = null)
    : FormatException($"{path}: {problem.TrimEnd('.')}. Correct it, or delete it and write one with ksuite kernels --write-baseline {path}.", inner);

/// <summary>What a kernel used on one architecture when the baseline was written.</summary>
/// <param name="Registers">Registers of a thread.</param>
/// <param name="Warps">Resident warps; null where the kernel has no bound on its threads.</param>
public sealed record BaselineTarget(int Registers, int? Warps);

/// <summary>A kernel of the baseline.</summary>
/// <param name="Program">Path below kernels/.</param>
/// <param name="Options">Build options.</param>
/// <param name="Kernel">Entry point.</param>
/// <param name="Targets">By architecture, for example <c>sm_90</c>.</param>
public sealed record BaselineKernel(string Program, string Options, string Kernel, IReadOnlyDictionary<string, BaselineTarget> Targets);

/// <summary>Spills that are known and accepted. Without one a kernel may spill nothing.</summary>
/// <param name="Program">Path below kernels/.</param>
/// <param name="Options">Build options; null for any.</param>
/// <param name="Kernel">Entry point.</param>
/// <param name="Target">Architecture; null for any.</param>
/// <param name="Bytes">Most bytes that a thread may spill, stores and loads together.</param>
/// <param name="Reason">Why they are accepted.</param>
public sealed record SpillAllowance(string Program, string? Options, string Kernel, string? Target, int Bytes, string Reason)
{
    /// <summary>Whether it is for this kernel.</summary>
    public bool IsFor(KernelResources kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return kernel.Program == Program && kernel.Kernel == Kernel && (Options is null || kernel.Options == Options) && (Target is null || kernel.Target == Target);
    }
}

/// <summary>
/// What every kernel used at a time when somebody looked: new spills and lost occupancy are told by comparison with it. It holds for one
/// version of the compiler, since another allots registers otherwise.
/// </summary>
/// <param name="Compiler">Compiler with major and minor version, for example <c>nvcc 11.8</c>.</param>
/// <param name="Kernels">The kernels.</param>
/// <param name="Allowances">Accepted spills.</param>
public sealed record ResourceBaseline(string Compiler, IReadOnlyList<BaselineKernel> Kernels, IReadOnlyList<SpillAllowance> Allowances)
{
    private const int Schema = 1;
    private const long MaxBytes = 64 << 20;

    /// <summary>Describes programs as they are now.</summary>
    /// <param name="programs">The programs; all of one compiler.</param>
    /// <param name="allowances">Accepted spills to keep.</param>
    public static ResourceBaseline Of(IReadOnlyList<BundledProgram> programs, IReadOnlyList<SpillAllowance> allowances)
    {
        ArgumentNullException.ThrowIfNull(programs);
        return new ResourceBaseline(
            programs.Count == 0 ? string.Empty : ShortVersion(programs[0].Compiler),
            [
                .. programs.SelectMany(p => p.Kernels).GroupBy(k => (k.Program, k.Options, k.Kernel))
                    .OrderBy(g => g.Key.Program, StringComparer.Ordinal).ThenBy(g => g.Key.Options, StringComparer.Ordinal).ThenBy(g => g.Key.Kernel, StringComparer.Ordinal)
                    .Select(g => new BaselineKernel(
                        g.Key.Program, g.Key.Options, g.Key.Kernel, g.ToDictionary(k => k.Target, k => new BaselineTarget(k.Registers, k.Occupancy?.Warps)))),
            ],
            allowances);
    }

    /// <summary>Reads a baseline file.</summary>
    /// <exception cref="ResourceBaselineException">There is no such file, or it is not a baseline.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ResourceBaseline Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path)) throw new ResourceBaselineException(path, Directory.Exists(path) ? "it is a folder, and a file was expected" : "there is no such file");
        using FileStream stream = File.OpenRead(path);
        if (stream.Length > MaxBytes) throw new ResourceBaselineException(path, $"the file has {stream.Length} bytes, at most {MaxBytes} are read");
        try
        {
            using JsonDocument document = JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = 8 });
            JsonElement root = document.RootElement;
            int schema = Number(root, "schema", int.MaxValue);
            if (schema != Schema) throw new ResourceBaselineException(path, $"its schema is {schema}, and this version reads {Schema}");
            BaselineKernel[] kernels = [.. root.GetProperty("kernels").EnumerateArray().Select(ReadKernel)];
            BaselineKernel? twice = kernels.GroupBy(k => (k.Program, k.Options, k.Kernel)).FirstOrDefault(g => g.Count() > 1)?.First();
            if (twice is not null) throw new FormatException($"{KernelResources.TitleOf(twice.Program, twice.Options, twice.Kernel)} is listed twice");
            return new ResourceBaseline(
                Text(root, "compiler"),
                kernels,
                [.. root.GetProperty("allowances").EnumerateArray().Select(ReadAllowance)]);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException || error.GetType() == typeof(FormatException))
        {
            throw new ResourceBaselineException(path, $"it is not a resource baseline: {error.Message}", error);
        }
    }

    /// <summary>The file's text: a line for each kernel, so that a change reads well in a diff.</summary>
    public string ToJson()
    {
        var text = new StringBuilder();
        text.Append(Inv($"{{\n  \"schema\": {Schema},\n  \"compiler\": {Quote(Compiler)},\n  \"allowances\": ["));
        Items(text, Allowances.Select(a =>
            $"{{ \"program\": {Quote(a.Program)}, {Optional("options", a.Options)}\"kernel\": {Quote(a.Kernel)}, {Optional("target", a.Target)}"
            + Inv($"\"bytes\": {a.Bytes}, \"reason\": {Quote(a.Reason)} }}")));
        text.Append("],\n  \"kernels\": [");
        Items(text, Kernels.Select(k => $"{{ \"program\": {Quote(k.Program)}, \"options\": {Quote(k.Options)}, \"kernel\": {Quote(k.Kernel)}, \"targets\": {{ "
            + string.Join(", ", k.Targets.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t =>
                Inv($"{Quote(t.Key)}: {{ \"registers\": {t.Value.Registers}, \"warps\": {(t.Value.Warps is int warps ? Inv($"{warps}") : "null")} }}")))
            + " } }"));
        text.Append("]\n}\n");
        return text.ToString();
    }

    /// <summary>Compiler with major and minor version: <c>nvcc 11.8</c> of <c>nvcc 11.8.89</c>.</summary>
    public static string ShortVersion(string compiler)
    {
        ArgumentNullException.ThrowIfNull(compiler);
        return string.Join('.', compiler.Split('.').Take(2));
    }

    private static BaselineKernel ReadKernel(JsonElement kernel) => new(
        Text(kernel, "program"), Text(kernel, "options"), Text(kernel, "kernel"),
        kernel.GetProperty("targets").EnumerateObject().ToDictionary(
            t => t.Name,
            t => new BaselineTarget(
                Number(t.Value, "registers", MultiprocessorFacts.MaxRegistersPerThread),
                t.Value.GetProperty("warps").ValueKind == JsonValueKind.Null ? null : Number(t.Value, "warps", int.MaxValue)),
            StringComparer.Ordinal));

    private static SpillAllowance ReadAllowance(JsonElement a)
    {
        string reason = Text(a, "reason");
        if (string.IsNullOrWhiteSpace(reason)) throw new FormatException($"the allowance for {Text(a, "kernel")} gives no reason");
        return new SpillAllowance(
            Text(a, "program"), a.TryGetProperty("options", out JsonElement options) ? options.GetString() : null, Text(a, "kernel"),
            a.TryGetProperty("target", out JsonElement target) ? target.GetString() : null, Number(a, "bytes", int.MaxValue), reason);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name) is { ValueKind: JsonValueKind.String } text
        ? text.GetString()! : throw new FormatException($"\"{name}\" is {Shown(element, name)}, and a text was expected");

    private static int Number(JsonElement element, string name, int most) =>
        element.GetProperty(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int value) && value >= 0 && value <= most
            ? value : throw new FormatException($"\"{name}\" is {Shown(element, name)}, and a whole number from 0 to {most} was expected");

    private static string Shown(JsonElement element, string name) => element.GetProperty(name).GetRawText() is { Length: > 40 } text ? text[..40] + "…" : element.GetProperty(name).GetRawText();

    private static void Items(StringBuilder text, IEnumerable<string> items)
    {
        string body = string.Join(",\n    ", items);
        if (body.Length > 0) text.Append("\n    ").Append(body).Append("\n  ");
    }

    private static string Optional(string name, string? value) => value is null ? string.Empty : $"{Quote(name)}: {Quote(value)}, ";

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static string Inv(FormattableString text) => FormattableString.Invariant(text);
}
