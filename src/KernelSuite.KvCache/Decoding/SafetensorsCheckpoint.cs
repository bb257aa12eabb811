using System.Text.Json;

namespace KernelSuite.KvCache.Decoding;

/// <summary>
/// The tensors of a model's folder: model.safetensors, or the files that model.safetensors.index.json names.
/// </summary>
public sealed class SafetensorsCheckpoint : IDisposable
{
    private const string Single = "model.safetensors";
    private const string Index = "model.safetensors.index.json";
    private const int MaxIndexBytes = 64 << 20;
    private const string Damaged = "The index is damaged; download it again.";

    private readonly Dictionary<string, (SafetensorsFile File, SafetensorsTensor Tensor)> tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SafetensorsFile> files = new(StringComparer.Ordinal);

    private SafetensorsCheckpoint(string directory) => Directory = directory;

    /// <summary>The folder.</summary>
    public string Directory { get; }

    /// <summary>Names of all tensors.</summary>
    public IReadOnlyCollection<string> Names => tensors.Keys;

    /// <summary>Opens the files of a folder and checks their headers.</summary>
    /// <exception cref="ModelFormatException">A file is not what it should be, or the index and the files disagree.</exception>
    /// <exception cref="IOException">A file cannot be opened or read; <see cref="FileNotFoundException"/> where the folder has no checkpoint.</exception>
    public static SafetensorsCheckpoint Open(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        var checkpoint = new SafetensorsCheckpoint(directory);
        try
        {
            string index = Path.Combine(directory, Index);
            if (File.Exists(Path.Combine(directory, Single))) checkpoint.AddFile(Single);
            else if (File.Exists(index)) checkpoint.AddIndexed(index);
            else throw new FileNotFoundException($"{directory}: there is neither {Single} nor {Index}. Give the folder of a model.", Path.Combine(directory, Single));
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>A tensor of a certain shape and the file that holds it.</summary>
    /// <exception cref="SafetensorsFormatException">There is no such tensor, its shape is another, or its dtype is not read.</exception>
    public (SafetensorsFile File, SafetensorsTensor Tensor) Find(string name, params ReadOnlySpan<long> shape)
    {
        if (!tensors.TryGetValue(name, out (SafetensorsFile File, SafetensorsTensor Tensor) entry))
            throw new SafetensorsFormatException(Directory, $"no tensor '{name}'", $"one of shape [{string.Join(", ", shape.ToArray())}]", "The checkpoint is incomplete or of another kind of model.");
        if (!entry.Tensor.Shape.AsSpan().SequenceEqual(shape))
        {
            throw new SafetensorsFormatException(
                entry.File.Path, $"'{name}' of shape [{string.Join(", ", entry.Tensor.Shape)}]", $"[{string.Join(", ", shape.ToArray())}]", "Weights and config.json belong to different models.");
        }

        if (!entry.Tensor.IsReadable)
            throw new SafetensorsFormatException(entry.File.Path, $"'{name}' of dtype {entry.Tensor.DType}", "F32, F16 or BF16", "Convert the checkpoint first.");
        return entry;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafetensorsFile file in files.Values) file.Dispose();
    }

    private SafetensorsFile Load(string name)
    {
        if (files.TryGetValue(name, out SafetensorsFile? file)) return file;
        file = SafetensorsFile.Open(Path.Combine(Directory, name));
        files.Add(name, file);
        return file;
    }

    private void AddFile(string name)
    {
        SafetensorsFile file = Load(name);
        foreach (SafetensorsTensor tensor in file.Tensors.Values) tensors.Add(tensor.Name, (file, tensor));
    }

    private void AddIndexed(string path)
    {
        using FileStream stream = File.OpenRead(path);
        if (stream.Length > MaxIndexBytes) throw new ModelFormatException(path, $"{stream.Length} bytes", $"at most {MaxIndexBytes}", Damaged);
        try
        {
            using JsonDocument document = JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("weight_map", out JsonElement map) || map.ValueKind != JsonValueKind.Object)
                throw new ModelFormatException(path, "no object 'weight_map'", "an object from tensor names to file names", Damaged);
            foreach (JsonProperty entry in map.EnumerateObject()) AddEntry(path, entry.Name, entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : "");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new ModelFormatException(path, "text that is not JSON", "one JSON object without repeated keys", Damaged, error);
        }
    }

    private void AddEntry(string path, string tensor, string file)
    {
        // The index is outside input: a file name must not lead out of the folder.
        if (file.Length == 0 || file.AsSpan().ContainsAny('/', '\\', '\0') || !file.EndsWith(".safetensors", StringComparison.Ordinal))
            throw new ModelFormatException(path, $"the file name '{file}' for '{tensor}'", "the name of a .safetensors file in the same folder", Damaged);
        SafetensorsFile source = Load(file);
        if (!source.Tensors.TryGetValue(tensor, out SafetensorsTensor? found))
            throw new ModelFormatException(path, $"'{tensor}' in {file}", "a tensor that the file has", "Index and files belong to different checkpoints; download them again.");
        tensors.Add(tensor, (source, found));
    }
}
