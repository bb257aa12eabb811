using System.Text.Json;
using KernelSuite.Operations.Scoring;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Scoring;

/// <summary>
/// tests/golden/kvcache/arkv.json, computed in IEEE double: floats to a relative 1e-5 on every device, index sets exactly.
/// Groups that give logits only are met with q and k that reproduce them: row i of a head is the i-th unit vector scaled by 1, and element i of
/// key j is the logit of row i, so that with scale 1 each dot product is one logit, exactly. As the query heads of a group share their keys,
/// head g of a group uses elements g*W to g*W + W - 1.
/// </summary>
public sealed class ScoringGoldenTests
{
    private static readonly Lazy<JsonDocument> Vectors = new(() => JsonDocument.Parse(File.ReadAllText(Golden.Path("kvcache", "arkv.json"))));

    public static TheoryData<string> Devices => TestDevices.All;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Prefill_statistics_and_scores(string id)
    {
        Device device = TestDevices.Shared(id);
        JsonElement group = Vectors.Value.RootElement.GetProperty("A_prefill_stats");
        (ScoringShape shape, float[] q, float[] k, float[] lse) = FromLogits(group);
        int past = shape.KvLength - shape.QueryLength;

        float[] score = new float[shape.KvHeads * past], stats = new float[shape.QueryHeads * 3], mean = new float[shape.QueryHeads * past], variance = new float[mean.Length];
        MomentsOptions options = new() { Scale = 1, Gamma = (float)group.GetProperty("gamma_shipped").GetDouble() };
        HostScoring.Moments<float>(device, shape, q, k, lse, score, stats, mean, variance, options: options);
        Close(Flat(group.GetProperty("hh_kv_gamma_shipped")), score);
        Close([group.GetProperty("entropy_sum").GetDouble()], [Sum(stats, 0)]);
        Close([group.GetProperty("var_sum_unbiased").GetDouble()], [Sum(stats, 1)]);
        Close([group.GetProperty("kurt_sum_clamped_eps1e-8").GetDouble()], [Sum(stats, 2)]);
        Assert.Equal(Indices(group.GetProperty("top4_gamma_shipped")), TopK(score, past, 4));
        double[] unpooled = [.. mean.Zip(variance, (m, v) => m + (options.Gamma * (double)v))];
        Close(Flat(group.GetProperty("hh_per_head_prepool_gamma_shipped")), [.. unpooled.Select(x => (float)x)]);

        HostScoring.Moments<float>(device, shape, q, k, lse, score, stats, options: options with { Gamma = 1, KurtosisFloor = 0 });
        Close(Flat(group.GetProperty("hh_kv_gamma_1")), score);
        Close([group.GetProperty("kurt_sum_unclamped").GetDouble()], [Sum(stats, 2)]);
        Assert.Equal(Indices(group.GetProperty("top4_gamma_1")), TopK(score, past, 4));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void The_kurtosis_floor(string id)
    {
        Device device = TestDevices.Shared(id);
        JsonElement group = Vectors.Value.RootElement.GetProperty("A2_kurtosis_clamp");
        double[] column = Flat(group.GetProperty("column_over_queries"));

        // One key whose logit is 0 for every row, and rows whose LSE is -ln p: P is the column.
        var shape = new ScoringShape(1, 1, 1, column.Length, column.Length + 1);
        float[] q = new float[column.Length], k = new float[column.Length + 1], lse = [.. column.Select(p => (float)-Math.Log(p))];
        float[] stats = new float[3], fourth = new float[1];
        HostScoring.Moments<float>(device, shape, q, k, lse, stats: stats, fourth: fourth);

        // The rounding of an LSE near 9 moves P by 5e-7 of itself, four fifths of which are the deviation: fourth powers move by some 1e-5.
        Assert.InRange(fourth[0] / group.GetProperty("m4").GetDouble(), 1 - 2e-5, 1 + 2e-5);
        Assert.InRange(stats[2] / group.GetProperty("kurt_with_m2_clamped_to_1e-8").GetDouble(), 1 - 2e-5, 1 + 2e-5);
        HostScoring.Moments<float>(device, shape, q, k, lse, stats: stats, options: new() { KurtosisFloor = 0 });
        Close([group.GetProperty("kurt_unclamped").GetDouble()], [stats[2]]);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Column_sums_of_a_second_pass(string id)
    {
        Device device = TestDevices.Shared(id);
        JsonElement group = Vectors.Value.RootElement.GetProperty("F_lse_second_pass");
        var shape = new ScoringShape(1, 2, 1, 4, 8, 4);
        float[] q = Floats(group.GetProperty("q")), k = Floats(group.GetProperty("k")), lse = Floats(group.GetProperty("lse_natural"));
        float[] score = new float[8], sums = new float[16], squares = new float[16];
        HostScoring.Scores<float>(device, shape, q, k, lse, score, columnSums: sums, columnSquares: squares);
        Close(Flat(group.GetProperty("col_sum_group_mean")), score);
        Close(Flat(group.GetProperty("col_sum_per_head")), sums);
        Close(Flat(group.GetProperty("col_sumsq_per_head")), squares);
        Close(Flat(group.GetProperty("check_row_mass")), [sums[..8].Sum(), sums[8..].Sum()]);

        float[] stats = new float[6], mean = new float[8], variance = new float[8], fourth = new float[8];
        HostScoring.Moments<float>(device, shape, q, k, lse, stats: stats, mean: mean, variance: variance, fourth: fourth);
        Close([group.GetProperty("entropy_sum_past_cols").GetDouble()], [Sum(stats, 0)]);
        JsonElement[] moments = [.. group.GetProperty("moments_past_cols").EnumerateArray().SelectMany(head => head.EnumerateArray())];
        Close([.. moments.Select(m => m.GetProperty("mean").GetDouble())], mean);
        Close([.. moments.Select(m => m.GetProperty("var_unbiased").GetDouble())], variance);
        float[] kurtosis = [.. fourth.Zip(variance, (m4, v) => m4 / (v * v * 9 / 16))];
        Close([.. moments.Select(m => m.GetProperty("kurt").GetDouble())], kurtosis);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Accumulation_over_decode_steps(string id)
    {
        Device device = TestDevices.Shared(id);
        JsonElement group = Vectors.Value.RootElement.GetProperty("H_h2o_accumulate");
        float[] previous = [];
        int[] positions = [];
        int next = 0;
        foreach (JsonElement step in group.GetProperty("trace").EnumerateArray())
        {
            // Step 0 is the prompt's row; a later one holds the new key last.
            double[] attention = Flat(step.TryGetProperty("attn_row", out JsonElement row) ? row : group.GetProperty("first_row"));
            float[] logits = [.. attention.Select(p => (float)Math.Log(p))];
            float[] scores = [.. previous, .. new float[logits.Length - previous.Length]];
            HostScoring.ScoresFromLogits(device, new(1, 1, 1, 1, logits.Length), logits, [0], scores, scores);
            int[] kept = Kept(scores);
            positions = [.. positions, .. Enumerable.Range(next, logits.Length - positions.Length)];
            next = positions[^1] + 1;
            positions = [.. kept.Select(slot => positions[slot])];
            previous = [.. kept.Select(slot => scores[slot])];
            Assert.Equal(step.GetProperty("alive_positions").EnumerateArray().Select(x => x.GetInt32()), positions);
            double[] expected = Flat(step.GetProperty("acc"));
            Close(expected, previous);
        }
    }

    /// <summary>Slots that the trace's cache keeps: two heavy hitters and the three most recent.</summary>
    private static int[] Kept(float[] scores) =>
        [.. Enumerable.Range(0, scores.Length - 3).OrderByDescending(j => scores[j]).ThenBy(j => j).Take(2).Order(), .. Enumerable.Range(scores.Length - 3, 3)];

    private static (ScoringShape Shape, float[] Q, float[] K, float[] Lse) FromLogits(JsonElement group)
    {
        JsonElement extents = group.GetProperty("shape");
        int heads = extents.GetProperty("hq").GetInt32(), kvHeads = extents.GetProperty("hkv").GetInt32();
        int rows = extents.GetProperty("W").GetInt32(), keys = extents.GetProperty("K").GetInt32(), perKv = heads / kvHeads, dim = perKv * rows;
        double[] logits = Flat(group.GetProperty("logits"));
        float[] q = new float[heads * rows * dim], k = new float[kvHeads * keys * dim], lse = new float[heads * rows];
        for (int h = 0; h < heads; h++)
        {
            for (int i = 0; i < rows; i++)
            {
                int element = (h % perKv * rows) + i;
                q[(((h * rows) + i) * dim) + element] = 1;
                double sum = 0;
                for (int j = 0; j < keys; j++)
                {
                    double logit = logits[(((h * rows) + i) * keys) + j];
                    k[(((h / perKv * keys) + j) * dim) + element] = (float)logit;
                    if (j <= keys - rows + i) sum += Math.Exp(logit);
                }

                lse[(h * rows) + i] = (float)Math.Log(sum);
            }
        }

        return (new ScoringShape(1, heads, kvHeads, rows, keys, dim), q, k, lse);
    }

    private static int[][] TopK(float[] scores, int length, int count) => [.. scores.Chunk(length).Select(row =>
        Enumerable.Range(0, length).OrderByDescending(j => row[j]).ThenBy(j => j).Take(count).ToArray())];

    private static int[][] Indices(JsonElement array) => [.. array.EnumerateArray().Select(row => row.EnumerateArray().Select(x => x.GetInt32()).ToArray())];

    private static double[] Flat(JsonElement array) => array.ValueKind == JsonValueKind.Array ? [.. array.EnumerateArray().SelectMany(Flat)] : [array.GetDouble()];

    private static float[] Floats(JsonElement array) => [.. Flat(array).Select(x => (float)x)];

    private static float Sum(float[] stats, int which) => stats.Chunk(3).Sum(s => s[which]);

    private static void Close(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(actual[i] - expected[i]) <= 1e-5 * Math.Abs(expected[i]), $"[{i}] is {actual[i]:G9}, expected {expected[i]:G12}.");
    }
}
