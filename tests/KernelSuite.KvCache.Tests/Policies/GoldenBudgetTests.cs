using System.Text.Json;

namespace KernelSuite.KvCache.Tests.Policies;

/// <summary>Budgets and rankings against vectors that another program computed.</summary>
public class GoldenBudgetTests
{
    private static readonly JsonElement Golden = JsonDocument.Parse(File.ReadAllText(Find())).RootElement;

    [Fact]
    public void Reference_budgets_and_purge_counts()
    {
        int seen = 0;
        foreach (JsonElement group in Golden.GetProperty("B_budgets").EnumerateArray())
        {
            int capacity = group.GetProperty("C").GetInt32(), window = group.GetProperty("W").GetInt32(), prompt = group.GetProperty("prompt_len").GetInt32();
            double[] ratios = OqScore.Ratios([.. group.GetProperty("scores").EnumerateArray().Select(s => s.GetDouble())]);
            for (int l = 0; l < ratios.Length; l++, seen++)
            {
                Assert.Equal(group.GetProperty("oq_ratio")[l].GetDouble(), ratios[l], 12);
                int originals = ReferenceBudget.Originals(ratios[l], capacity, window, prompt);
                Assert.Equal(group.GetProperty("origin_budget")[l].GetInt32(), originals);
                PurgeCounts counts = ReferenceBudget.Purge(group.GetProperty("at_T").GetInt32(), window, originals);
                JsonElement expected = group.GetProperty("decode_counts")[l];
                Assert.Equal(expected.GetProperty("past").GetInt32(), counts.Past);
                Assert.Equal(expected.GetProperty("keep").GetInt32(), counts.Keep);
                Assert.Equal(expected.GetProperty("origin").GetInt32(), counts.Original);
                Assert.Equal(expected.GetProperty("quant").GetInt32(), counts.Quantised);
                Assert.Equal(expected.GetProperty("evict").GetInt32(), counts.Evicted);
            }
        }

        Assert.Equal(32, seen);
    }

    [Fact]
    public void Oq_score_with_the_published_temperatures()
    {
        JsonElement a = Golden.GetProperty("A_prefill_stats");
        double Value(string name) => a.GetProperty(name).GetDouble();
        double score = OqScore.Score(Value("entropy_sum"), Value("var_sum_unbiased"), Value("kurt_sum_clamped_eps1e-8"), OqExponents.Published);
        Assert.Equal(Value("oq_tau_shipped"), score, 9);
        Assert.Equal(Value("oq_tau_1_1_1") / score, OqScore.Score(Value("entropy_sum"), Value("var_sum_unbiased"), Value("kurt_sum_clamped_eps1e-8"), new(1, 1, 1)) / score, 6);
    }

    [Fact]
    public void Reference_statistics_and_scores()
    {
        JsonElement a = Golden.GetProperty("A_prefill_stats");
        int past = a.GetProperty("shape").GetProperty("past").GetInt32();
        float[][][] tiles = [.. a.GetProperty("probs").EnumerateArray().Select(head => head.EnumerateArray().Select(row => row.EnumerateArray().Select(p => p.GetSingle()).ToArray()).ToArray())];
        (double entropy, double variance, double kurtosis) = (0, 0, 0);
        foreach (float[][] tile in tiles)
        {
            (double e, double v, double k) = ReferenceScores.Statistics(tile, past, round: false);
            (entropy, variance, kurtosis) = (entropy + e, variance + v, kurtosis + k);
        }

        Close(a.GetProperty("entropy_sum").GetDouble(), entropy);
        Close(a.GetProperty("var_sum_unbiased").GetDouble(), variance);
        Close(a.GetProperty("kurt_sum_clamped_eps1e-8").GetDouble(), kurtosis);
        for (int n = 0; n < 2; n++)
        {
            float[] scores = ReferenceScores.Pooled([.. tiles.Skip(2 * n).Take(2).Select(tile => ReferenceScores.HeavyHitters(tile, past, 263.8108280337562f, round: false))]);
            for (int j = 0; j < past; j++) Close(a.GetProperty("hh_kv_gamma_shipped")[n][j].GetDouble(), scores[j]);
            int[] top = [.. a.GetProperty("top4_gamma_shipped")[n].EnumerateArray().Select(i => i.GetInt32())];
            Assert.Equal(top, ReferenceScores.InScoreOrder(scores, 4));
            Assert.Equal(top.Order(), TokenRanking.Top(scores, 4));
        }
    }

    [Fact]
    public void Reference_quantisation_shares_a_scale_over_heads()
    {
        JsonElement d = Golden.GetProperty("D_fp8_quant");
        float[][][] x = [.. d.GetProperty("x_head_token_dim").EnumerateArray().Select(h => h.EnumerateArray().Select(t => t.EnumerateArray().Select(v => v.GetSingle()).ToArray()).ToArray())];
        JsonElement expected = d.GetProperty("scheme_repo_scale_per_slot_over_heads").GetProperty("dequant");
        for (int t = 0; t < x[0].Length; t++)
        {
            float[][] rows = ReferenceQuantiser.RoundTrip([.. x.Select(head => head[t])], round: false);
            for (int h = 0; h < rows.Length; h++)
            {
                for (int i = 0; i < rows[h].Length; i++) Close(expected[h][t][i].GetDouble(), rows[h][i]);
            }
        }
    }

    [Fact]
    public void Pyramid_budgets()
    {
        JsonElement p = Golden.GetProperty("H_pyramidkv_budget")[0];
        int past = p.GetProperty("max_capacity_prompt").GetInt32() - p.GetProperty("W").GetInt32();
        Assert.Equal(
            p.GetProperty("past_tokens_per_layer").EnumerateArray().Select(v => v.GetInt32()),
            LayerBudgets.Pyramid(p.GetProperty("layers").GetInt32(), past, p.GetProperty("beta").GetDouble()));
    }

    [Fact]
    public void Heavy_hitters_accumulate_and_the_weakest_goes()
    {
        JsonElement h = Golden.GetProperty("H_h2o_accumulate");
        int heavy = h.GetProperty("hh_size").GetInt32(), recent = h.GetProperty("recent").GetInt32();
        var sums = new List<float>(h.GetProperty("first_row").EnumerateArray().Select(v => v.GetSingle()));
        var positions = new List<int>(Enumerable.Range(0, sums.Count));
        foreach (JsonElement step in h.GetProperty("trace").EnumerateArray())
        {
            if (step.TryGetProperty("attn_row", out JsonElement row))
            {
                sums.Add(0);
                positions.Add(positions[^1] + 1);
                for (int i = 0; i < sums.Count; i++) sums[i] += row[i].GetSingle();
            }

            int past = sums.Count - recent;
            int[] kept = [.. TokenRanking.Top(sums.Take(past).ToArray(), heavy), .. Enumerable.Range(past, recent)];
            (sums, positions) = ([.. kept.Select(i => sums[i])], [.. kept.Select(i => positions[i])]);
            Assert.Equal(step.GetProperty("alive_positions").EnumerateArray().Select(v => v.GetInt32()), positions);
            for (int i = 0; i < sums.Count; i++) Close(step.GetProperty("acc")[i].GetDouble(), sums[i]);
        }
    }

    [Fact]
    public void The_byte_rule_buys_the_golden_tokens()
    {
        foreach (JsonElement j in Golden.GetProperty("J_byte_budget_variant").EnumerateArray())
        {
            (int originals, int quantised) = LayerBudgets.SplitBytes(
                j.GetProperty("A_origin_token_equivalents").GetInt32(), j.GetProperty("oq_ratio").GetDouble(), j.GetProperty("bytes_per_vector_O").GetInt32(),
                j.GetProperty("bytes_per_vector_Q").GetInt32());
            Assert.Equal(j.GetProperty("n_origin").GetInt32(), originals);
            Assert.Equal(j.GetProperty("n_quant").GetInt32(), quantised);
            Assert.Equal(j.GetProperty("tokens_kept").GetInt32(), originals + quantised);
        }
    }

    [Fact]
    public void A_share_of_originals_leaves_what_the_byte_rule_leaves_up_to_a_page()
    {
        foreach (JsonElement j in Golden.GetProperty("J_byte_budget_variant").EnumerateArray())
        {
            int bits = j.GetProperty("bits").GetInt32(), past = j.GetProperty("A_origin_token_equivalents").GetInt32();
            KvRules rules = new ArkvPolicy
            {
                OriginalShare = j.GetProperty("oq_ratio").GetDouble(),
                Format = bits == 8 ? Operations.KvStorage.KvFormat.E4M3 : Operations.KvStorage.KvFormat.Int4,
            }.Rules;
            var geometry = new PageGeometry(128, Runtime.DType.BFloat16, rules.Format, 8);
            int pages = (past / 8) + 1;
            while (pages - 1 - SegmentTargets.GrowthPages(pages) < past / 8) pages++;
            SegmentTargets targets = SegmentTargets.Choose(rules, geometry, pages, 8, 1 << 20);
            int golden = j.GetProperty("n_origin").GetInt32();
            Assert.InRange(targets.Originals, golden, golden + 7);
            long bytes = ((long)targets.Originals * geometry.OriginalRowBytes) + ((long)targets.Quantised * geometry.QuantisedRowBytes);
            long budget = j.GetProperty("bytes_budget").GetInt64();
            Assert.InRange(bytes, budget * 0.9, budget);
        }
    }

    private static void Close(double expected, double actual) => Assert.True(Math.Abs(expected - actual) <= (1e-5 * Math.Abs(expected)) + 1e-9, $"Expected {expected}, got {actual}.");

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "tests", "golden", "kvcache", "arkv.json");
            if (File.Exists(path)) return path;
        }

        throw new FileNotFoundException("tests/golden/kvcache/arkv.json was not found above the test assembly.");
    }
}
