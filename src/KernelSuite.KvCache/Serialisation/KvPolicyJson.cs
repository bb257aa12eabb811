using System.Text.Json.Serialization;

namespace KernelSuite.KvCache;

/// <summary>The policies' parameters as JSON, generated so that it works in trimmed programs too.</summary>
[JsonSourceGenerationOptions(IgnoreReadOnlyProperties = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(FullPolicy))]
[JsonSerializable(typeof(StreamingPolicy))]
[JsonSerializable(typeof(H2OPolicy))]
[JsonSerializable(typeof(SnapKvPolicy))]
[JsonSerializable(typeof(PyramidKvPolicy))]
[JsonSerializable(typeof(ArkvPolicy))]
[JsonSerializable(typeof(ArkvReferencePolicy))]
internal sealed partial class KvPolicyJson : JsonSerializerContext;
