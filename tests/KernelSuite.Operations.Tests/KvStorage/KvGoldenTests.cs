using System.Text.Json;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Operations.Selection;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.KvStorage;

/// <summary>Codes, scales, byte counts and index sets that plain Python computed (tests/golden/kvcache).</summary>
public sealed class KvGoldenTests
{
    private static readonly JsonElement Vectors = JsonDocument.Parse(File.ReadAllText(Golden.Path("kvcache", "arkv.json"))).RootElement;

    public static TheoryData<string> Devices => TestDevices.All;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void E4m3_rounds_as_the_probe(string id)
    {
        JsonElement[] probe = [.. Vectors.GetProperty("D0_e4m3fn_rne_probe").EnumerateArray()];
        float[] x = new float[probe.Length];

        // Every row is a probe and 448, so that the scale is 1; above 448 the scale is another, so such a probe saturates as Float8E4M3 has it.
        for (int i = 0; i < probe.Length; i++) x[i] = probe[i].GetProperty("x").GetSingle();
        float[] rows = [.. x.SelectMany(v => new[] { v, 448f })];
        byte[] codes = new byte[rows.Length];
        float[] scales = new float[x.Length];
        KvRowStorage.Quantize<float>(TestDevices.Shared(id), KvFormat.E4M3, rows, 2, codes, [], scales);
        for (int i = 0; i < x.Length; i++)
        {
            Assert.Equal(Math.Max(x[i], 448) / 448, scales[i]);
            if (x[i] <= 448) Assert.Equal(probe[i].GetProperty("code").GetInt32(), codes[2 * i]);
            Assert.Equal(probe[i].GetProperty("code").GetInt32(), Float8E4M3.Encode(x[i]));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Both_scale_schemes_give_the_golden_codes(string id)
    {
        Device device = TestDevices.Shared(id);
        JsonElement group = Vectors.GetProperty("D_fp8_quant");
        float[] x = Flat(group.GetProperty("x_head_token_dim"));
        foreach ((string name, bool shared) in new[] { ("scheme_repo_scale_per_slot_over_heads", true), ("scheme_fixed_scale_per_head_token", false) })
        {
            JsonElement scheme = group.GetProperty(name);
            var problem = new KvQuantizeProblem(new(1, 2, 5, 5, 5, 4), DType.Float32, KvFormat.E4M3, sharedScale: shared);
            using var run = new OperandRun(device, problem);
            run.Write(KvQuantizeProblem.X, x);
            run.Launch(KvQuantizeOperation.Instance);
            Assert.Equal(Flat(scheme.GetProperty("codes")), run.Read<byte>(KvQuantizeProblem.Codes).Select(c => (float)c));
            float[] scales = run.Read<float>(KvQuantizeProblem.Scales), expected = Flat(scheme.GetProperty("scale_fp32"));
            for (int i = 0; i < scales.Length; i++) Assert.Equal(expected[i % expected.Length], scales[i], expected[i % expected.Length] * 1e-8f);
            float[] back = new float[x.Length];
            KvRowStorage.Dequantize(device, KvFormat.E4M3, run.Read<byte>(KvQuantizeProblem.Codes), [], scales, 4, back.AsSpan());
            float[] dequantised = Flat(scheme.GetProperty("dequant"));
            for (int i = 0; i < back.Length; i++) Assert.Equal(dequantised[i], back[i], Math.Abs(dequantised[i]) * 1e-7f);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Top_4_sets_are_the_golden_ones(string id)
    {
        JsonElement stats = Vectors.GetProperty("A_prefill_stats");
        foreach (string gamma in new[] { "shipped", "1" })
        {
            JsonElement rows = stats.GetProperty($"hh_kv_gamma_{gamma}");
            float[] scores = Flat(rows);
            int heads = rows.GetArrayLength();
            int[] indices = new int[heads * 4];
            TopKSelection.Select(TestDevices.Shared(id), scores, heads, 4, indices);
            int[][] expected = [.. stats.GetProperty($"top4_gamma_{gamma}").EnumerateArray().Select(r => r.EnumerateArray().Select(i => i.GetInt32()).Order().ToArray())];
            Assert.Equal(expected.SelectMany(r => r), indices);
        }
    }

    [Fact]
    public void Bytes_of_a_row_are_the_golden_ones()
    {
        foreach (JsonElement budget in Vectors.GetProperty("J_byte_budget_variant").EnumerateArray())
        {
            KvFormat format = budget.GetProperty("bits").GetInt32() == 4 ? KvFormat.Int4 : KvFormat.E4M3;
            Assert.Equal(budget.GetProperty("bytes_per_vector_Q").GetInt32(), format.RowBytes(budget.GetProperty("head_dim").GetInt32()));
        }
    }

    private static float[] Flat(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray().SelectMany(Flat)] : [element.GetSingle()];
}
