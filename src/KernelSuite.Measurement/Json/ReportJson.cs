using System.Text.Json;
using System.Text.Json.Serialization;

namespace KernelSuite.Measurement;

/// <summary>The reports as JSON. Names are snake_case and stable, numbers are in invariant form, and what is not a number is null.</summary>
public static class ReportJson
{
    /// <summary>The document of <c>ksuite bench</c>.</summary>
    public static string Write(BenchReport report) => JsonSerializer.Serialize(report, ReportJsonContext.Default.BenchReport);

    /// <summary>The document of <c>ksuite validate</c>.</summary>
    public static string Write(ValidationReport report) => JsonSerializer.Serialize(report, ReportJsonContext.Default.ValidationReport);

    /// <summary>The document of <c>ksuite doctor</c>.</summary>
    public static string Write(DoctorReport report) => JsonSerializer.Serialize(report, ReportJsonContext.Default.DoctorReport);

    /// <summary>The document of <c>ksuite devices</c>.</summary>
    public static string Write(DevicesReport report) => JsonSerializer.Serialize(report, ReportJsonContext.Default.DevicesReport);

    /// <summary>The document of <c>ksuite list</c>.</summary>
    public static string Write(SuiteListing listing) => JsonSerializer.Serialize(listing, ReportJsonContext.Default.SuiteListing);

    /// <summary>The document of <c>ksuite kernels</c>.</summary>
    public static string Write(KernelListing listing) => JsonSerializer.Serialize(listing, ReportJsonContext.Default.KernelListing);

    /// <summary>The document of <c>ksuite run</c>.</summary>
    public static string Write(RunReport report) => JsonSerializer.Serialize(report, ReportJsonContext.Default.RunReport);

    /// <summary>The document of <c>ksuite kv eval</c>.</summary>
    public static string Write(KvEvaluationReport report) => JsonSerializer.Serialize(report, ReportJsonContext.Default.KvEvaluationReport);

    /// <summary>The document of <c>ksuite kv explain</c>.</summary>
    public static string Write(KvExplainReport report) => JsonSerializer.Serialize(report, ReportJsonContext.Default.KvExplainReport);

    /// <summary>Reads a document that <see cref="Write(BenchReport)"/> wrote.</summary>
    /// <exception cref="JsonException">The text is not such a document.</exception>
    public static BenchReport ReadBench(string json) => JsonSerializer.Deserialize(json, ReportJsonContext.Default.BenchReport)
        ?? throw new JsonException("Expected a bench report, got null.");
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = false,
    Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(BenchReport))]
[JsonSerializable(typeof(ValidationReport))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(DevicesReport))]
[JsonSerializable(typeof(SuiteListing))]
[JsonSerializable(typeof(KernelListing))]
[JsonSerializable(typeof(RunReport))]
[JsonSerializable(typeof(KvEvaluationReport))]
[JsonSerializable(typeof(KvExplainReport))]
internal sealed partial class ReportJsonContext : JsonSerializerContext;
