using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KernelSuite.Counters.Reports;

/// <summary>Reports about cones as JSON, with names in snake_case. Coefficients are JSON integers of any size.</summary>
public static class ConeJson
{
    /// <summary>The document of <c>ksuite counters rows</c>.</summary>
    public static string Write(ConeReport report) => JsonSerializer.Serialize(report, ConeJsonContext.Default.ConeReport);

    /// <summary>The document of <c>ksuite counters compare</c>.</summary>
    public static string Write(ConeComparisonReport report) => JsonSerializer.Serialize(report, ConeJsonContext.Default.ConeComparisonReport);
}

/// <summary>Whole numbers of any size as JSON numbers.</summary>
internal sealed class BigIntegerConverter : JsonConverter<BigInteger>
{
    public override BigInteger Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var number = JsonDocument.ParseValue(ref reader);
        return BigInteger.Parse(number.RootElement.GetRawText(), System.Globalization.CultureInfo.InvariantCulture);
    }

    public override void Write(Utf8JsonWriter writer, BigInteger value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.ToString(System.Globalization.CultureInfo.InvariantCulture));
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(BigIntegerConverter)])]
[JsonSerializable(typeof(ConeReport))]
[JsonSerializable(typeof(ConeComparisonReport))]
internal sealed partial class ConeJsonContext : JsonSerializerContext;
