using System.Text.Json;
using System.Xml.Linq;
using KernelSuite.KvCache;
using KernelSuite.KvCache.Decoding;
using KernelSuite.Runtime;

namespace KernelSuite.Measurement.Tests;

/// <summary>Evaluations of the small model, few prompts and short windows.</summary>
public sealed class KvEvaluatorTests
{
    private static readonly string Model = Path.Combine(AppContext.BaseDirectory, "tinylm");
    private static readonly Lazy<KvEvaluationReport> Shared = new(() => Evaluate(Options()));

    [Fact]
    public void Every_policy_has_a_row_at_every_budget_and_full_has_one()
    {
        Assert.Equal(
            ["full 100%", "arkv 50%", "snapkv 50%", "arkv 25%", "snapkv 25%"],
            Shared.Value.Results.Select(r => $"{r.Policy} {r.Budget}"));
        Assert.Empty(Shared.Value.Refused);
        Assert.All(Shared.Value.Results, r =>
        {
            Assert.InRange(r.Recall, 0, 1);
            Assert.InRange(r.RecallDigits, r.Recall - 1e-9, 1);
            Assert.InRange(r.BitsPerByte, 1, 8);
            Assert.True(r.MsPerToken > 0);
        });
    }

    [Fact]
    public void Bytes_held_stay_within_the_budget_and_tokens_add_up()
    {
        KvEvaluationReport report = Shared.Value;
        double full = report.Results[0].BytesHeld;
        Assert.All(report.Bytes, b => Assert.InRange(b.LargestShare, 0.3, 1));
        foreach (KvResult r in report.Results.Skip(1))
        {
            Assert.InRange(r.BytesHeld, 1, KvBudget.Parse(r.Budget).Share * full);
            double tokens = report.Bytes.Where(b => b.Policy == r.Policy && b.Budget == r.Budget).Sum(b => b.Tokens * b.Sequences) / 6;
            Assert.Equal(tokens, r.TokensOriginal + r.TokensQuantised + r.TokensEvicted, 1e-6);
            Assert.Equal(r.TokensQuantised, report.Layers.Where(l => l.Policy == r.Policy && l.Budget == r.Budget).Average(l => l.TokensQuantised), 1e-6);
        }

        Assert.Equal(0, report.Results[0].TokensEvicted + report.Results[0].TokensQuantised);
        Assert.Contains(report.Results, r => r.Policy == "arkv" && r.TokensQuantised > 0);
        Assert.Equal(0, report.Results.Single(r => r.Policy == "snapkv" && r.Budget == "50%").TokensQuantised);
        Assert.True(report.Results.Single(r => r.Policy == "snapkv" && r.Budget == "25%").TokensEvicted > 0);
    }

    [Fact]
    public void Bits_per_byte_of_full_are_the_models_own_and_evicting_costs_some()
    {
        KvEvaluationReport report = Shared.Value;
        double bits = 0;
        using var cpu = (KernelSuite.Runtime.Cpu.CpuDevice)DeviceCatalog.Default.Open("cpu");
        using var weights = LlamaWeights.Load(Model, cpu);
        using var decoder = new LlamaDecoder(weights);
        KvSequence[] windows = [.. KvSequence.Windows(Options().Text, 2, 400, 24)];
        float[] logits = new float[256 * 424];
        foreach (KvSequence window in windows)
        {
            // The same text in one pass: nothing is compressed, fed or predicted token by token.
            int[] all = [.. window.Prompt, .. window.Continuation];
            KvCacheShape shape = decoder.Config.CacheShape(DType.Float16);
            using var cache = new TriStateKvCache(cpu, shape, new FullPolicy(), TriStateKvCache.BytesFor(cpu, shape, new FullPolicy(), all.Length));
            decoder.Forward(cache, all, logits.AsSpan(0, 256 * all.Length), LogitRows.All);
            for (int i = window.Prompt.Length; i < all.Length; i++)
            {
                float[] row = logits[((i - 1) * 256)..(i * 256)];
                bits += Math.Log2(row.Sum(l => Math.Exp(l))) - (row[all[i]] / Math.Log(2));
            }
        }

        Assert.Equal(bits / (2 * 24), report.Results[0].BitsPerByte, 2e-3);
    }

    [Fact]
    public void Comparisons_pair_each_result_with_full_and_the_first_policy_with_the_others()
    {
        KvComparison[] all = [.. Shared.Value.Comparisons];
        Assert.Equal(3 * (4 + 2), all.Length);
        Assert.All(all, c => Assert.True(c.Low <= c.Difference + 1e-9 && c.Difference <= c.High + 1e-9));
        Assert.All(all.Where(c => c.Budget == c.AgainstBudget), c => Assert.Equal(("arkv", "snapkv"), (c.Policy, c.Against)));
        Assert.All(all, c => Assert.Equal(c.Metric == "recall", double.IsFinite(c.PValue)));
        KvComparison quarter = all.Single(c => c.Policy == "arkv" && c.Against == "snapkv" && c.Budget == "25%" && c.Metric == "recall_digits");
        KvResult[] r = [.. Shared.Value.Results];
        double expected = 100 * (r.Single(x => x is { Policy: "arkv", Budget: "25%" }).RecallDigits - r.Single(x => x is { Policy: "snapkv", Budget: "25%" }).RecallDigits) / r[0].RecallDigits;
        Assert.Equal(expected, quarter.Difference, 1e-9);
    }

    [Fact]
    public void A_budget_too_small_is_reported_with_its_reason_and_the_rest_still_runs()
    {
        KvEvaluationReport report = Evaluate(Options() with { Budgets = [KvBudget.Parse("64B"), KvBudget.Parse("50%")], Policies = [new SnapKvPolicy()], Text = default });
        Assert.Equal(["full 100%", "snapkv 50%"], report.Results.Select(r => $"{r.Policy} {r.Budget}"));
        KvRefusal refusal = Assert.Single(report.Refused);
        Assert.Equal(("snapkv", "64B"), (refusal.Policy, refusal.Budget));
        Assert.NotEmpty(refusal.Reason);
        Assert.True(double.IsNaN(report.Results[0].BitsPerByte));
    }

    [Fact]
    public void The_document_names_results_as_documented()
    {
        using JsonDocument document = JsonDocument.Parse(ReportJson.Write(Shared.Value));
        Assert.Equal(
            ["policy", "budget", "bits_per_byte", "recall", "recall_digits", "bytes_held", "tokens_original", "tokens_quantised", "tokens_evicted", "purges", "ms_per_token"],
            document.RootElement.GetProperty("results")[0].EnumerateObject().Select(p => p.Name));
        Assert.Equal("arkv", document.RootElement.GetProperty("retained")[0].GetProperty("policy").GetString());
        Assert.Equal(20260311, document.RootElement.GetProperty("context").GetProperty("seed").GetInt64());
    }

    [Fact]
    public void The_picture_is_well_formed_and_shows_every_result_twice()
    {
        XNamespace svg = "http://www.w3.org/2000/svg";
        XElement root = XDocument.Parse(KvEvaluationPicture.Svg(Shared.Value)).Root!;
        string[] titles = [.. root.Descendants(svg + "g").Select(g => g.Element(svg + "title")!.Value)];
        Assert.Equal(2 * Shared.Value.Results.Count, titles.Length);
        Assert.Equal(2, titles.Count(t => t.StartsWith("snapkv at 25%:", StringComparison.Ordinal)));
        foreach (string text in (string[])["bits per byte", "digits right, % of full", "mean bytes held (logarithmic)", "arkv", "snapkv", "full"])
            Assert.Contains(root.Descendants(svg + "text"), t => t.Value == text);
        double width = (double)root.Attribute("width")!, height = (double)root.Attribute("height")!;
        Assert.All(root.Descendants(svg + "circle"), c => Assert.True((double)c.Attribute("cx")! <= width && (double)c.Attribute("cy")! <= height));
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        KvEvaluationOptions good = Options();
        foreach ((KvEvaluationOptions bad, string part) in new[]
        {
            (good with { Policies = [] }, "No policy"), (good with { Policies = [new ArkvPolicy(), new ArkvPolicy()] }, "'arkv'"), (good with { Budgets = [] }, "No budget"),
            (good with { Budgets = [default] }, "KvBudget.Parse"), (good with { Budgets = [KvBudget.Parse("5%"), KvBudget.Parse("5%")] }, "'5%'"), (good with { Windows = 0 }, "Windows"),
            (good with { PrefillBytes = 1 }, "PrefillBytes"), (good with { ScoredBytes = 1 }, "ScoredBytes"), (good with { Resamples = 1 }, "Resamples"),
            (good with { Text = new byte[10] }, "10 bytes"), (good with { Text = default, Recall = [] }, "Neither"),
            (good with { Recall = [new RecallPrompt(new string('a', KvEvaluator.MaxSequenceBytes), "b")] }, "recall prompt"),
        })
        {
            Assert.Contains(part, Assert.ThrowsAny<ArgumentException>(() => Evaluate(bad)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Cancellation_stops_it()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => new KvEvaluator(DeviceCatalog.Default, DeviceCatalog.Default.Find("cpu"), Options()).Run(null, cancelled.Token));
    }

    [Fact]
    public void An_explanation_has_the_statistics_and_budgets_of_every_layer()
    {
        KvExplainReport report = KvExplainer.Explain(
            DeviceCatalog.Default, DeviceCatalog.Default.Find("cpu"), new KvExplainOptions { ModelDirectory = Model, Text = Options().Text, MaxTokens = 300 });
        Assert.Equal(4, report.Layers.Count);
        Assert.Equal(300, report.Tokens);
        Assert.InRange(report.BytesHeld, 1, report.BudgetBytes);
        Assert.Equal(1, report.Layers.Max(l => l.Ratio), 1e-6);
        Assert.All(report.Layers, l =>
        {
            Assert.True(l.Entropy > 0 && l.Variance > 0 && l.Kurtosis > 0 && l.OqScore > 0 && l.Ratio > 0 && l.BudgetBytes > 0);
            Assert.Equal(300, l.TokensOriginal + l.TokensQuantised + l.TokensEvicted, 1e-6);
        });
        Assert.Equal(4, KvEvaluationText.Explain(report).Rows.Count);
    }

    // Sequences of 400 tokens and more: plans' workspace counts, and a quarter of a shorter cache would not hold it.
    private static KvEvaluationOptions Options() => new()
    {
        ModelDirectory = Model,
        Policies = [new ArkvPolicy(), new SnapKvPolicy()],
        Budgets = [KvBudget.Parse("50%"), KvBudget.Parse("25%")],
        Text = File.ReadAllBytes(Path.Combine(Model, "text.txt")).AsMemory(0, 8192),
        Recall = [.. RecallFile.Read(Path.Combine(Model, "recall.jsonl")).Where(r => r.Prompt.Length > 450).Take(4)],
        Windows = 2,
        PrefillBytes = 400,
        ScoredBytes = 24,
        Resamples = 200,
    };

    private static KvEvaluationReport Evaluate(KvEvaluationOptions options) => new KvEvaluator(DeviceCatalog.Default, DeviceCatalog.Default.Find("cpu"), options).Run();
}
