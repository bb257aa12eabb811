using System.Text.Json;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>The beginning of a saved cache: version, model, policy with its parameters, budget, position.</summary>
internal sealed record KvFileHeader(KvCacheShape Shape, KvPolicy Policy, long BudgetBytes, int Position)
{
    private const int Version = 1, MaxText = 4096;

    private static ReadOnlySpan<byte> Magic => "KSKVCACH"u8;

    public void Save(KvFileWriter writer)
    {
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(Shape.Layers);
        writer.Write(Shape.QueryHeads);
        writer.Write(Shape.KvHeads);
        writer.Write(Shape.HeadDim);
        writer.Write((int)Shape.DType);
        writer.Write(BudgetBytes);
        writer.Write(Position);
        writer.Write(Policy.Name);
        writer.Write(JsonSerializer.Serialize(Policy, Policy.GetType(), KvPolicyJson.Default));
    }

    public static KvFileHeader Restore(KvFileReader reader)
    {
        Span<byte> magic = stackalloc byte[Magic.Length];
        reader.Read(magic, "first bytes");
        if (!magic.SequenceEqual(Magic)) throw new KvCacheFormatException("This is not a saved cache: its first bytes are not 'KSKVCACH'.");
        int version = reader.ReadInt32("version", int.MinValue, int.MaxValue);
        if (version != Version) throw new KvCacheFormatException($"The saved cache has format version {version}. Expected {Version}; save it again with this release.");
        var shape = new KvCacheShape(
            reader.ReadInt32("number of layers", 1, KvCacheLimits.MaxLayers), reader.ReadInt32("number of query heads", 1, KvCacheLimits.MaxHeads),
            reader.ReadInt32("number of KV heads", 1, KvCacheLimits.MaxHeads), reader.ReadInt32("head dimension", 1, 256),
            (DType)reader.ReadInt32("dtype", (int)DType.Float32, (int)DType.BFloat16));
        long budget = reader.ReadInt64("budget", 1, 1L << 46);
        int position = reader.ReadInt32("position", 0, KvCacheLimits.MaxTokens);
        string name = reader.ReadText("policy's name", 64);
        string parameters = reader.ReadText("policy's parameters", MaxText);
        try
        {
            var policy = (KvPolicy?)JsonSerializer.Deserialize(parameters, KvPolicies.Find(name).GetType(), KvPolicyJson.Default)
                ?? throw new KvCacheFormatException("The saved cache has no policy parameters.");
            KvCacheLimits.Check(shape);
            policy.Validate(shape);
            return new KvFileHeader(shape, policy, budget, position);
        }
        catch (Exception wrong) when (wrong is JsonException or ArgumentException or NotSupportedException)
        {
            throw new KvCacheFormatException($"The saved cache's policy '{name}' is not one of this release: {wrong.Message}", wrong);
        }
    }
}
