using System.Text.Json;
using System.Text.Json.Serialization;

namespace KernelSuite.Counters.Reports;

/// <summary>Reports about tests as JSON, with names in snake_case. What is not a number is null.</summary>
public static class CheckJson
{
    /// <summary>The document of <c>ksuite counters check</c>.</summary>
    public static string Write(CheckReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return JsonSerializer.Serialize(CheckDocument.Of(report), CheckJsonContext.Default.CheckDocument);
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(BigIntegerConverter)])]
[JsonSerializable(typeof(CheckDocument))]
internal sealed partial class CheckJsonContext : JsonSerializerContext;
