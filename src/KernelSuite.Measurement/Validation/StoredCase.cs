using System.Globalization;
using System.Text.Json;
using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>
/// A case on disk: a folder with <c>case.json</c> and one .npy file an operand, inputs and reference outputs (float64) alike. A file is named
/// after its operand, or after the beginning of its name where that fits one operand only (<c>o.npy</c> for <c>out</c>). case.json holds option
/// values by name (true or false for a flag, a number, or two integers), may hold the name of an optional operand with true or false, and may
/// name the <c>operation</c>; otherwise the nearest folder above that bears an operation's name does.
/// </summary>
public sealed class StoredCase
{
    private const string SettingsFile = "case.json";
    private const int MaxSettingsBytes = 64 * 1024;
    private const int MaxCases = 10_000;
    private readonly string folder;
    private readonly OptionValues options;
    private readonly Dictionary<string, string> files;

    private StoredCase(string folder, Operation operation, OptionValues options, Dictionary<string, string> files)
    {
        this.folder = folder;
        this.options = options;
        this.files = files;
        Operation = operation;
    }

    /// <summary>Name of the case: that of its folder.</summary>
    public string Name => Path.GetFileName(folder);

    /// <summary>The operation.</summary>
    public Operation Operation { get; }

    /// <summary>Finds the cases in a folder, in its sub-folders and in theirs. Reads case.json of each, but no array.</summary>
    /// <exception cref="ArgumentException">There is no such folder, or a case in it is malformed; names the file.</exception>
    public static IReadOnlyList<StoredCase> Find(string folder, IReadOnlyList<Operation> operations)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(operations);
        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(root)) throw new ArgumentException($"There is no folder '{folder}'. Expected one with a {SettingsFile} in each sub-folder.", "data");
        var search = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 };
        string[] found = [.. Directory.EnumerateFiles(root, SettingsFile, search).Take(MaxCases).Order(StringComparer.Ordinal)];
        return [.. found.Select(file => Read(Path.GetDirectoryName(file)!, operations))];
    }

    /// <summary>Reads the arrays and computes what must come out.</summary>
    /// <exception cref="ArgumentException">An array or option does not fit.</exception>
    /// <exception cref="NpyFormatException">A file is malformed.</exception>
    public CaseExpectation Load(CancellationToken cancellation = default)
    {
        var arrays = new Dictionary<string, HostArray>();
        try
        {
            foreach ((string operand, string file) in files) arrays[operand] = NpyFile.Read(file, cancellation);
            HashSet<string> outputs = [.. Operation.Signature.Operands.Where(o => o.IsOutput).Select(o => o.Name)];
            var inputs = arrays.Where(a => !outputs.Contains(a.Key)).ToDictionary();
            var references = arrays.Where(a => outputs.Contains(a.Key)).ToDictionary();
            OperationProblem problem = Operation.Bind(inputs, options);
            var operationCase = new OperationCase(Name, problem, $"arrays of {Name}", CaseSuite.Validate);
            return CaseExpectation.FromArrays(Operation, operationCase, inputs, references, cancellation);
        }
        catch (ArgumentException error)
        {
            throw new ArgumentException($"{folder}: {error.Message}", error);
        }
        finally
        {
            foreach (HostArray array in arrays.Values) array.Dispose();
        }
    }

    private static StoredCase Read(string folder, IReadOnlyList<Operation> operations)
    {
        string path = Path.Combine(folder, SettingsFile);
        if (new FileInfo(path).Length > MaxSettingsBytes) throw new ArgumentException($"{path} is larger than {MaxSettingsBytes:N0} bytes.");
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new ArgumentException("expected one JSON object");
            Operation operation = OperationOf(folder, document.RootElement, operations);
            Dictionary<string, string> files = FindFiles(folder, operation);
            return new StoredCase(folder, operation, ReadOptions(document.RootElement, operation, files), files);
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new ArgumentException($"{path}: {error.Message}", error);
        }
    }

    private static Operation OperationOf(string folder, JsonElement settings, IReadOnlyList<Operation> operations)
    {
        string known = string.Join(", ", operations.Select(o => o.Name));
        if (settings.TryGetProperty("operation", out JsonElement named))
        {
            string? name = named.ValueKind == JsonValueKind.String ? named.GetString() : named.GetRawText();
            return operations.FirstOrDefault(o => o.Name == name) ?? throw new ArgumentException($"there is no operation '{name}'. Known: {known}.");
        }

        for (string? above = folder; above is not null; above = Path.GetDirectoryName(above))
        {
            if (operations.FirstOrDefault(o => o.Name == Path.GetFileName(above)) is { } operation) return operation;
        }

        throw new ArgumentException($"no operation is named, neither by an \"operation\" entry nor by a folder above. Known: {known}.");
    }

    private static Dictionary<string, string> FindFiles(string folder, Operation operation)
    {
        var files = new Dictionary<string, string>();
        string[] operands = [.. operation.Signature.Operands.Select(o => o.Name)];
        foreach (string file in Directory.EnumerateFiles(folder, "*.npy").Order(StringComparer.Ordinal))
        {
            string stem = Path.GetFileNameWithoutExtension(file);
            string[] fitting = operands.Contains(stem) ? [stem] : [.. operands.Where(o => o.StartsWith(stem, StringComparison.Ordinal))];
            if (fitting.Length != 1 || !files.TryAdd(fitting[0], file))
                throw new ArgumentException($"'{Path.GetFileName(file)}' names no operand of its own. Operands: {string.Join(", ", operands)}.");
        }

        return files;
    }

    private static OptionValues ReadOptions(JsonElement settings, Operation operation, Dictionary<string, string> files)
    {
        var values = new Dictionary<string, string>();
        foreach (JsonProperty entry in settings.EnumerateObject())
        {
            if (entry.Name == "operation" || entry.Value.ValueKind == JsonValueKind.Null) continue;
            if (operation.Signature.Operands.Any(o => o.Name == entry.Name && o.IsOptional))
            {
                bool wanted = entry.Value.ValueKind == JsonValueKind.True;
                if (wanted != files.ContainsKey(entry.Name))
                    throw new ArgumentException($"\"{entry.Name}\" is {entry.Value.GetRawText()}, but {entry.Name}.npy is {(wanted ? "missing" : "there")}.");
                continue;
            }

            OptionSignature option = operation.Signature.Options.FirstOrDefault(o => o.Name == entry.Name)
                ?? throw new ArgumentException($"'{entry.Name}' is no option of {operation.Name}. Options: {string.Join(", ", operation.Signature.Options.Select(o => o.Name))}.");
            if (TextOf(option, entry.Value) is { } text) values[option.Name] = text;
        }

        return new OptionValues(values);
    }

    private static string? TextOf(OptionSignature option, JsonElement value) => (option.Kind, value.ValueKind) switch
    {
        (OptionKind.Flag, JsonValueKind.False) => null,
        (OptionKind.Flag, JsonValueKind.True) => "true",
        (OptionKind.Real, JsonValueKind.Number) => value.GetDouble().ToString("R", CultureInfo.InvariantCulture),
        (OptionKind.Integer, JsonValueKind.Number) => value.GetRawText(),
        (OptionKind.Word, JsonValueKind.String) => value.GetString(),
        (OptionKind.IntegerPair, JsonValueKind.Array) when value.GetArrayLength() == 2 => $"{value[0].GetRawText()},{value[1].GetRawText()}",
        _ => throw new ArgumentException($"'{option.Name}' is {value.GetRawText()}, which is no {option.Kind} value."),
    };
}
