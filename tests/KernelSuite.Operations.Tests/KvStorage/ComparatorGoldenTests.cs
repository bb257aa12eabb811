using System.Text.Json;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Operations.Selection;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.KvStorage;

/// <summary>The vectors of tests/golden/kvcache for what KIVI and Ada-KV do, on every device.</summary>
public sealed class ComparatorGoldenTests
{
    private static readonly JsonElement Vectors = JsonDocument.Parse(File.ReadAllText(Golden.Path("kvcache", "arkv.json"))).RootElement;

    public static TheoryData<string> Devices => TestDevices.All;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Keys_per_channel_in_2_bits(string id) => Kivi(id, "K_per_channel", "mse_per_channel", new(2, 4, KvGroupAxis.Tokens));

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Values_per_token_in_2_bits(string id) => Kivi(id, "V_per_token", "mse_per_token", new(2, 3, KvGroupAxis.Dims));

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Heads_share_a_budget_above_a_safe_share(string id)
    {
        JsonElement group = Vectors.GetProperty("H_adakv_heads");
        float[][] scores = [.. group.GetProperty("scores").EnumerateArray().Select(Floats)];
        int heads = scores.Length, length = scores[0].Length, safe = group.GetProperty("n_safe").GetInt32();
        int total = heads * group.GetProperty("n_kept_per_head_avg").GetInt32();
        Assert.Equal((int)(group.GetProperty("safeguard_alpha").GetDouble() * total / heads), safe);

        int[] first = new int[heads * safe], rest = new int[total - first.Length];
        TopKSelection.Select(TestDevices.Shared(id), [.. scores.SelectMany(s => s)], heads, safe, first);
        int[] flat = [.. first.Select((slot, i) => (i / safe * length) + slot)];

        // Those that are kept already come last among the rest.
        float[] open = [.. scores.SelectMany(s => s).Select((s, i) => flat.Contains(i) ? float.NegativeInfinity : s)];
        TopKSelection.Select(TestDevices.Shared(id), open, 1, rest.Length, rest);
        int[][] kept = [.. Enumerable.Range(0, heads).Select(h => flat.Concat(rest).Where(i => i / length == h).Select(i => i % length).Order().ToArray())];
        Assert.Equal(group.GetProperty("kept_indices").EnumerateArray().Select(h => h.EnumerateArray().Select(i => i.GetInt32()).ToArray()), kept);
        Assert.Equal(group.GetProperty("kept_counts").EnumerateArray().Select(c => c.GetInt32()), kept.Select(k => k.Length));
    }

    private static void Kivi(string id, string name, string error, KvQuantizeGroupsOptions options)
    {
        JsonElement golden = Vectors.GetProperty("H_kivi_2bit");
        float[][] x = [.. golden.GetProperty("x_token_dim").EnumerateArray().Select(Floats)];
        JsonElement[] groups = [.. golden.GetProperty(name).EnumerateArray()];
        int slots = x.Length, dim = x[0].Length;
        var problem = new KvQuantizeGroupsProblem(new(1, 1, slots, dim), DType.Float32, options);
        Device device = TestDevices.Shared(id);
        foreach (Implementation implementation in KvQuantizeGroupsOperation.Instance.Implementations(device.Info))
        {
            using var run = new OperandRun(device, problem);
            run.Write(KvQuantizeGroupsProblem.X, x.SelectMany(t => t).ToArray());
            run.Launch(KvQuantizeGroupsOperation.Instance, implementation.Name);
            byte[] codes = run.Read<byte>(KvQuantizeGroupsProblem.Codes);
            float[] minimum = run.Read<float>(KvQuantizeGroupsProblem.Minimum), scale = run.Read<float>(KvQuantizeGroupsProblem.Scale);
            Assert.Equal(groups.Length, minimum.Length);
            double squares = 0;
            for (int g = 0; g < groups.Length; g++)
            {
                Close(groups[g].GetProperty("min").GetDouble(), minimum[g]);
                Close(groups[g].GetProperty("scale").GetDouble(), scale[g]);
                for (int i = 0; i < groups[g].GetProperty("codes").GetArrayLength(); i++)
                {
                    (int slot, int d) = options.Axis == KvGroupAxis.Tokens ? (i, g) : (g, i);
                    byte code = codes[(slot * dim) + d];
                    Assert.Equal(groups[g].GetProperty("codes")[i].GetInt32(), code);
                    double back = minimum[g] + ((double)scale[g] * code);
                    Close(groups[g].GetProperty("dequant")[i].GetDouble(), back);
                    squares += (back - x[slot][d]) * (back - x[slot][d]);
                }
            }

            Close(golden.GetProperty(error).GetDouble(), squares / codes.Length);
        }
    }

    private static float[] Floats(JsonElement row) => [.. row.EnumerateArray().Select(v => v.GetSingle())];

    private static void Close(double expected, double actual) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-5 * Math.Abs(expected), $"Expected {expected:G12}, got {actual:G12}.");
}
