using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace KernelSuite.KvCache.Decoding;

/// <summary>
/// Reads the JSON header of a safetensors file token by token: an object of tensors, each an object of dtype, shape and data_offsets, and
/// optionally __metadata__, an object of strings. Anything else is refused.
/// </summary>
internal ref struct SafetensorsHeader
{
    private const int MaxRank = 8;
    private const string Damaged = "The file is damaged or was written by a faulty tool; write it again with the safetensors library.";

    private readonly string path;
    private readonly long dataStart;
    private readonly Dictionary<string, SafetensorsTensor> tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> metadata = new(StringComparer.Ordinal);
    private Utf8JsonReader json;
    private bool hasMetadata;

    private SafetensorsHeader(string path, ReadOnlySpan<byte> text, long dataStart)
    {
        this.path = path;
        this.dataStart = dataStart;
        json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 4 });
    }

    /// <summary>Parses the header and checks that its tensors fill the data of the file without holes or overlaps.</summary>
    public static (Dictionary<string, SafetensorsTensor> Tensors, Dictionary<string, string> Metadata) Parse(
        string path, ReadOnlySpan<byte> text, long dataStart, long fileLength)
    {
        if (text.IsEmpty || text[0] != (byte)'{')
            throw new SafetensorsFormatException(path, "a header that does not begin with '{'", "a JSON object right behind the header length", "This is not a safetensors file.");
        if (!Utf8.IsValid(text)) throw new SafetensorsFormatException(path, "a header that is not UTF-8", "JSON in UTF-8", Damaged);
        var header = new SafetensorsHeader(path, text, dataStart);
        try
        {
            header.ReadTop();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // GetString throws InvalidOperationException for half a surrogate pair in an escape.
            throw new SafetensorsFormatException(path, "a header that is not JSON", "one JSON object", Damaged, error);
        }

        header.CheckLayout(fileLength);
        return (header.tensors, header.metadata);
    }

    private void ReadTop()
    {
        Next(JsonTokenType.StartObject, "the header");
        while (NextName() is { } name)
        {
            if (name == "__metadata__") ReadMetadata();
            else if (!tensors.TryAdd(name, ReadTensor(name))) throw Bad($"the tensor '{Show(name)}' twice", "each name once");
        }

        // Reads on to the end, so that a second value behind the object is seen; the format's padding, spaces, is not a value.
        if (json.Read()) throw Bad("more than one JSON value", "one object");
    }

    private void ReadMetadata()
    {
        if (hasMetadata) throw Bad("'__metadata__' twice", "it once at most");
        hasMetadata = true;
        Next(JsonTokenType.StartObject, "__metadata__");
        while (NextName() is { } key)
        {
            Next(JsonTokenType.String, $"__metadata__ entry '{Show(key)}'");
            if (!metadata.TryAdd(key, json.GetString()!)) throw Bad($"the __metadata__ key '{Show(key)}' twice", "each key once");
        }
    }

    private SafetensorsTensor ReadTensor(string name)
    {
        string what = $"tensor '{Show(name)}'";
        string? dtype = null;
        ImmutableArray<long>? shape = null, offsets = null;
        Next(JsonTokenType.StartObject, what);
        while (NextName() is { } key)
        {
            switch (key)
            {
                case "dtype" when dtype is null:
                    Next(JsonTokenType.String, $"dtype of {what}");
                    dtype = json.GetString()!;
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers($"shape of {what}", MaxRank);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers($"data_offsets of {what}", 2);
                    break;
                default:
                    throw Bad($"the key '{Show(key)}' in {what}, unknown or repeated", "dtype, shape and data_offsets, each once");
            }
        }

        if (dtype is null || shape is null || offsets is null)
            throw Bad($"{what} without {(dtype is null ? "dtype" : shape is null ? "shape" : "data_offsets")}", "dtype, shape and data_offsets");
        return Check(name, what, dtype, shape.Value, offsets.Value);
    }

    private SafetensorsTensor Check(string name, string what, string dtype, ImmutableArray<long> shape, ImmutableArray<long> offsets)
    {
        int size = SafetensorsTensor.ElementSize(dtype);
        if (size == 0) throw Bad($"{what} of dtype '{Show(dtype)}'", "a dtype of at least a byte that the format knows (F32, F16, BF16, …)");
        if (offsets.Length != 2) throw Bad($"{what} with {offsets.Length} data_offsets", "two: begin and end");
        if (offsets[0] > offsets[1]) throw Bad($"{what} with data_offsets [{offsets[0]}, {offsets[1]}]", "begin not behind end");
        long count = 1;
        foreach (long extent in shape)
        {
            if (extent != 0 && count > long.MaxValue / size / extent) throw Bad($"{what} of shape [{string.Join(", ", shape)}], beyond 2^63 bytes", "a shape that fits the file");
            count *= extent;
        }

        long bytes = count * size;
        if (offsets[1] - offsets[0] != bytes)
        {
            throw Bad(
                string.Create(CultureInfo.InvariantCulture, $"{what} with {offsets[1] - offsets[0]} bytes"),
                string.Create(CultureInfo.InvariantCulture, $"{bytes} for {dtype} [{string.Join(", ", shape)}]"));
        }

        if (offsets[1] > long.MaxValue - dataStart) throw Bad($"{what} that ends at {offsets[1]}", "an end inside the file");
        return new SafetensorsTensor(name, dtype, shape, dataStart + offsets[0], bytes);
    }

    private ImmutableArray<long> ReadNumbers(string what, int most)
    {
        Next(JsonTokenType.StartArray, what);
        ImmutableArray<long>.Builder numbers = ImmutableArray.CreateBuilder<long>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out long value) || value < 0)
                throw Bad($"an entry of the {what} that is not a number from 0 to 2^63 - 1", "non-negative whole numbers");
            if (numbers.Count == most) throw Bad($"more than {most} entries in the {what}", $"at most {most}");
            numbers.Add(value);
        }

        return numbers.ToImmutable();
    }

    private readonly void CheckLayout(long fileLength)
    {
        long at = dataStart;
        foreach (SafetensorsTensor tensor in tensors.Values.OrderBy(t => t.Offset).ThenBy(t => t.ByteLength))
        {
            if (tensor.Offset != at)
            {
                throw Bad(
                    string.Create(CultureInfo.InvariantCulture, $"tensor '{Show(tensor.Name)}' at data offset {tensor.Offset - dataStart}"),
                    string.Create(CultureInfo.InvariantCulture, $"{at - dataStart}: tensors lie one behind the other, without holes or overlaps"));
            }

            at += tensor.ByteLength;
        }

        if (at == fileLength) return;
        throw new SafetensorsFormatException(
            path, string.Create(CultureInfo.InvariantCulture, $"{fileLength - dataStart} bytes of data"),
            string.Create(CultureInfo.InvariantCulture, $"exactly {at - dataStart}, where the last tensor ends"),
            fileLength < at ? "The file is cut short; copy or download it again." : "Bytes follow the last tensor; write the file again.");
    }

    private void Next(JsonTokenType expected, string what)
    {
        if (!json.Read() || json.TokenType != expected) throw Bad($"{json.TokenType} as {what}", expected.ToString());
    }

    /// <summary>The next key of the object under way, or null at its end.</summary>
    private string? NextName()
    {
        json.Read();
        return json.TokenType == JsonTokenType.EndObject ? null : json.GetString();
    }

    private readonly SafetensorsFormatException Bad(string found, string expected) => new(path, found, expected, Damaged);

    /// <summary>A name fit for a message: a hostile one may be long or hold control characters.</summary>
    private static string Show(string name)
    {
        var text = new StringBuilder();
        foreach (char c in name.AsSpan(0, Math.Min(name.Length, 80))) text.Append(char.IsControl(c) ? '?' : c);
        return name.Length > 80 ? text.Append('…').ToString() : text.ToString();
    }
}
