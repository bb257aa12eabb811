using System.Text.Json;
using System.Text.Json.Serialization;

namespace KernelSuite.Counters.Models;

/// <summary>Documents about models as JSON, with names in snake_case.</summary>
public static class FlowJson
{
    /// <summary>The document of <c>ksuite counters paths</c>.</summary>
    public static string Write(FlowPathListing listing) => JsonSerializer.Serialize(listing, FlowJsonContext.Default.FlowPathListing);

    /// <summary>The document of <c>ksuite counters lint</c>.</summary>
    public static string Write(FlowLintReport report) => JsonSerializer.Serialize(report, FlowJsonContext.Default.FlowLintReport);
}

/// <summary>"error" and "warning".</summary>
internal sealed class SeverityConverter() : JsonStringEnumConverter<FlowSeverity>(JsonNamingPolicy.SnakeCaseLower);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(SeverityConverter)])]
[JsonSerializable(typeof(FlowPathListing))]
[JsonSerializable(typeof(FlowLintReport))]
internal sealed partial class FlowJsonContext : JsonSerializerContext;
