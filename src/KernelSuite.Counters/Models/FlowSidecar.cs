using System.Text.Json;

namespace KernelSuite.Counters.Models;

/// <summary>The <c>.json</c> file beside a model: what it is called and which features it has.</summary>
/// <param name="Name">The title; null where the file has none.</param>
/// <param name="Features">The features.</param>
public sealed record FlowSidecar(string? Name, IReadOnlyList<string> Features)
{
    /// <summary>Reads the sidecar of a model; null where there is none.</summary>
    /// <param name="modelPath">The model, whose extension is replaced by <c>.json</c>.</param>
    /// <exception cref="FlowSyntaxException">The file is not a JSON object with a string "name" and strings "features", or too large.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static FlowSidecar? Beside(string modelPath)
    {
        string path = Path.ChangeExtension(modelPath, ".json");
        return File.Exists(path) ? Parse(BoundedFile.ReadBytes(path, FlowLimits.MostSidecarBytes), path) : null;
    }

    /// <summary>Reads the text of a sidecar: an object; keys other than "name" and "features" are left alone.</summary>
    internal static FlowSidecar Parse(ReadOnlySpan<byte> text, string file)
    {
        if (text.StartsWith("\uFEFF"u8)) text = text[3..];
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 16 });
        try
        {
            return Read(ref reader, text, file);
        }
        catch (JsonException error)
        {
            var position = new FlowPosition((int)(error.LineNumber ?? 0) + 1, (int)(error.BytePositionInLine ?? 0) + 1);
            throw new FlowSyntaxException(file, position, "text that is not JSON", """an object like {"name": "m0", "features": []}""",
                FirstSentence(error.Message));
        }
    }

    private static FlowSidecar Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, string file)
    {
        string? name = null;
        var features = new List<string>();
        reader.Read();
        Require(reader, JsonTokenType.StartObject, text, file, "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isName = reader.ValueTextEquals("name"), isFeatures = reader.ValueTextEquals("features");
            reader.Read();
            if (isName)
            {
                Require(reader, JsonTokenType.String, text, file, "a string as \"name\"");
                name = Text(reader, text, file);
            }
            else if (isFeatures)
            {
                Require(reader, JsonTokenType.StartArray, text, file, "an array of strings as \"features\"");
                features.Clear();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    Require(reader, JsonTokenType.String, text, file, "the name of a feature, a string");
                    features.Add(Text(reader, text, file));
                }
            }
            else reader.Skip();
        }

        reader.Read();
        return new FlowSidecar(name, features);
    }

    private static string Text(Utf8JsonReader reader, ReadOnlySpan<byte> text, string file)
    {
        string? value;
        try
        {
            value = reader.GetString();
        }
        catch (InvalidOperationException)
        {
            throw Error(reader, text, file, "a string that is not Unicode", "UTF-8");
        }

        if (string.IsNullOrWhiteSpace(value) || value.Length > FlowLimits.MostNameLength || value.Any(char.IsControl))
            throw Error(reader, text, file, "a string that cannot be a name", $"1 to {FlowLimits.MostNameLength} printable characters");
        return value;
    }

    private static void Require(Utf8JsonReader reader, JsonTokenType kind, ReadOnlySpan<byte> text, string file, string expected)
    {
        if (reader.TokenType != kind) throw Error(reader, text, file, reader.TokenType.ToString(), expected);
    }

    private static FlowSyntaxException Error(Utf8JsonReader reader, ReadOnlySpan<byte> text, string file, string found, string expected)
    {
        ReadOnlySpan<byte> before = text[..(int)reader.TokenStartIndex];
        var position = new FlowPosition(before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
        return new FlowSyntaxException(file, position, found, expected);
    }

    private static string FirstSentence(string message)
    {
        int end = message.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? message : message[..(end + 1)];
    }
}
