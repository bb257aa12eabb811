using System.Text.Json;

namespace KernelSuite.Measurement;

/// <summary>Recall prompts on disk: a JSON object a line with the texts <c>prompt</c> and <c>answer</c>; other keys are ignored.</summary>
public static class RecallFile
{
    /// <summary>Largest file, in bytes.</summary>
    public const long MaxBytes = 64L << 20;

    /// <summary>Most prompts of a file.</summary>
    public const int MaxPrompts = 100_000;

    /// <summary>Reads a file; empty lines are skipped.</summary>
    /// <exception cref="RecallFormatException">A line is not such an object, or the file is too large or holds none.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyList<RecallPrompt> Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = File.OpenRead(path);
        if (stream.Length > MaxBytes) throw new RecallFormatException(path, 0, $"{stream.Length:N0} bytes", $"at most {MaxBytes:N0}");
        using var reader = new StreamReader(stream);
        var prompts = new List<RecallPrompt>();
        int number = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            if (prompts.Count == MaxPrompts) throw new RecallFormatException(path, number, "one more prompt", $"at most {MaxPrompts:N0}");
            prompts.Add(Parse(path, number, line));
        }

        return prompts.Count > 0 ? prompts : throw new RecallFormatException(path, 0, "no prompt", "a JSON object a line with 'prompt' and 'answer'");
    }

    private static RecallPrompt Parse(string path, int number, string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 8 });
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw new RecallFormatException(path, number, $"a JSON {root.ValueKind}", "an object with 'prompt' and 'answer'");
            return new RecallPrompt(Text(path, number, root, "prompt"), Text(path, number, root, "answer"));
        }
        catch (JsonException error)
        {
            throw new RecallFormatException(path, number, $"text that is not JSON ({error.Message})", "an object with 'prompt' and 'answer'", error);
        }
    }

    private static string Text(string path, int number, JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text : throw new RecallFormatException(path, number, $"no text '{name}'", "one that is not empty");
}
