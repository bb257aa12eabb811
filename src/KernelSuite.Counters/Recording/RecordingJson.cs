using System.Text.Json;
using System.Text.Json.Serialization;

namespace KernelSuite.Counters.Recording;

/// <summary>A recording as a JSON document: <c>table</c>, <c>samples</c>, <c>rows</c>, <c>warnings[]</c>.</summary>
public static class RecordingJson
{
    /// <summary>Writes the document.</summary>
    /// <param name="path">Where the table is.</param>
    /// <param name="summary">What was recorded.</param>
    public static string Write(string path, RecordingSummary summary)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(summary);
        return JsonSerializer.Serialize(new RecordedFile(path, summary.Rounds, summary.Rows, summary.Warnings),
            RecordingJsonContext.Default.RecordedFile);
    }
}

/// <summary>The document.</summary>
internal sealed record RecordedFile(string Table, long Samples, long Rows, IReadOnlyList<string> Warnings);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(RecordedFile))]
internal sealed partial class RecordingJsonContext : JsonSerializerContext;
