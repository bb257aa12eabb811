using System.Text.Json;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Inputs;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Reports;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;
using Xunit;

namespace KernelSuite.Counters.Tests.Reports;

/// <summary>A model against several observations: verdicts, rows over observations, facts, JSON.</summary>
public class CheckTests
{
    // miss <= access, 0 <= walked, walked <= miss.
    private const string Walks =
        "FLOW { incr access; switch tlb { Hit => done; Miss => incr miss; }; switch walk { Done => incr walked; Merged => pass; }; done; }";

    private static readonly FlowModel Model = FlowModel.Parse(Walks);
    private static readonly CounterSet Counters = new(["access", "miss", "walked"]);

    [Fact]
    public void Verdicts_come_worst_first_with_their_reasons()
    {
        CheckReport report = ModelCheck.Run(
            Model, [Seen("good", 1, [100, 30, 20]), Seen("bad", 2, [100, 30, 40]), Seen("few", 3, [100, 30, 20], samples: 8)]);
        Assert.Equal(["bad", "few", "good"], report.Observations.Select(o => o.Result.Observation.Id));
        Assert.Equal([Verdict.Refuted, Verdict.Inconclusive, Verdict.Consistent], report.Observations.Select(o => o.Result.Verdict));
        Certificate certificate = report.Observations[0].Result.Certificate!;
        Assert.Equal("walked <= miss", certificate.ToString());
        Assert.Equal("walked <= miss", certificate.Mix[0].Row.Name);
        Assert.Equal((3, 1), (report.Histogram().Sum(b => b.Observations), report.RefutedAdjusted));
        Assert.Equal((3L, 3, 3), (report.Paths, report.Cone!.Rank, report.Rows.Count));
        CheckedRow worst = report.Rows[0];
        Assert.Equal(("walked <= miss", 2, 0, 1), (worst.Row.ToString(), worst.Passing, worst.Untested, worst.FailingAdjusted));
        Assert.Equal(["bad"], worst.Failing);
        Assert.Equal("bad", worst.WorstObservation);
        Assert.All(report.Rows.Skip(1), row => Assert.Empty(row.Failing));
    }

    [Fact]
    public void A_true_model_is_refuted_by_no_more_than_its_share()
    {
        Observation[] observations = [.. Enumerable.Range(0, 200).Select(n => Seen($"n{n}", 100 + n, [100, 30, 30]))];
        CheckReport report = ModelCheck.Run(Model, observations, new VerdictOptions { Confidence = .95 });
        Assert.InRange(report.Count(Verdict.Refuted), 0, 15);
        Assert.Equal(0, report.RefutedAdjusted);
    }

    [Fact]
    public void Counters_that_one_side_lacks_are_named()
    {
        CheckReport report = ModelCheck.Run(Model, [Seen("part", 1, [30, 40, 7], new CounterSet(["miss", "walked", "cycles"]))]);
        Assert.Equal(["access"], report.Unmeasured);
        Assert.Equal(["cycles"], report.Foreign);
        Assert.Equal(["miss", "walked"], report.Measured);
        Assert.Equal(Verdict.Refuted, report.Observations[0].Result.Verdict);
    }

    /// <summary>The command reads the model's counters only; what else the files had is said all the same, within bounds.</summary>
    [Fact]
    public void Counters_of_the_files_that_were_not_read_are_named()
    {
        string many = string.Concat(Enumerable.Range(0, 150).Select(i => $",x{i}:u")), zeros = string.Concat(Enumerable.Repeat(",0", 150));
        CheckReport report = Read($"access,miss{many},x0\n1,0{zeros},0\n", Model.Counters);
        Assert.Equal(InputLimits.MostUnread, report.Foreign.Count);
        Assert.Equal(["x0", "x1"], report.Foreign.Take(2));
        Assert.Equal(50, report.MoreForeign);
        Assert.Contains(CheckText.Lines(report), line => line.Contains(", x19 and 130 more", StringComparison.Ordinal));
        using JsonDocument json = JsonDocument.Parse(CheckJson.Write(report));
        Assert.Equal("x0", json.RootElement.GetProperty("foreign_counters")[0].GetString());
        Assert.Equal(50, json.RootElement.GetProperty("more_foreign_counters").GetInt32());

        // A counter of the model that was not asked for is not foreign; without a wish all are read.
        Assert.Equal(["cycles"], Read("access,miss,cycles\n1,0,5\n", ["access"]).Foreign);
        Assert.Equal(["cycles"], Read("access,miss,cycles\n1,0,5\n", null).Foreign);
        Assert.Empty(Read("access,miss\n1,0\n", Model.Counters).Foreign);
        Assert.Contains(Read("cycles,time\n1,0\n", Model.Counters).Inputs!.Warnings, w => w.StartsWith("No counter of those", StringComparison.Ordinal));

        static CheckReport Read(string text, IReadOnlyCollection<string>? counters)
        {
            using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text));
            return ModelCheck.Run(Model, CounterSamples.Read(stream, "m.csv", new SampleReadOptions { Counters = counters }));
        }
    }

    [Fact]
    public void Rows_of_several_counter_sets_are_joined_by_what_they_say()
    {
        CheckReport report = ModelCheck.Run(Model, [Seen("all", 1, [100, 30, 40]), Seen("two", 2, [30, 40], new CounterSet(["miss", "walked"]))]);
        CheckedRow row = Assert.Single(report.Rows, r => r.Row.ToString() == "walked <= miss");
        Assert.Equal((2, 0), (row.Failing.Count, row.Untested));
        CheckedRow access = Assert.Single(report.Rows, r => r.Row.ToString() == "miss <= access");
        Assert.Equal((1, 1), (access.Passing, access.Untested));
    }

    [Fact]
    public void Shuffled_runs_are_one_observation_and_must_agree()
    {
        Observation[] locked = [Seen("w", 1, [100, 30, 33], group: "a"), Seen("w", 2, [100, 30, 20], group: "b")];
        CheckedObservation one = Assert.Single(ModelCheck.Run(Model, locked).Observations);
        Assert.Equal(Verdict.Inconclusive, one.Result.Verdict);
        Assert.Contains(one.Result.Warnings, w => w.Kind == WarningKind.RotationLock);
        Observation[] agreed = [Seen("w", 1, [100, 30, 33], group: "a"), Seen("w", 2, [100, 30, 33], group: "b")];
        Assert.Equal(Verdict.Refuted, Assert.Single(ModelCheck.Run(Model, agreed).Observations).Result.Verdict);
        // Without groups nothing says that they are runs of one setting.
        Assert.Equal(2, ModelCheck.Run(Model, [Seen("w", 1, [100, 30, 33]), Seen("w", 2, [100, 30, 33])]).Observations.Count);
    }

    [Fact]
    public void One_count_too_many_refutes_exactly()
    {
        CheckReport report = ModelCheck.Run(Model, [Observation.Exact("e", Counters, [10, 5, 6]), Observation.Exact("f", Counters, [10, 5, 5])]);
        Assert.Equal([Verdict.Refuted, Verdict.Consistent], report.Observations.Select(o => o.Result.Verdict));
        using JsonDocument json = JsonDocument.Parse(CheckJson.Write(report));
        JsonElement violated = json.RootElement.GetProperty("observations")[0].GetProperty("violated")[0];
        Assert.Equal(JsonValueKind.Null, violated.GetProperty("z").ValueKind);
        Assert.Equal(1, violated.GetProperty("value").GetDouble());
    }

    /// <summary>One sample has no variance, and nothing to shrink a covariance with.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Too_few_samples_decide_nothing(int samples)
    {
        CheckReport report = ModelCheck.Run(Model, [Seen("few", 1, [100, 30, 40], samples: samples)]);
        CheckedObservation one = Assert.Single(report.Observations);
        Assert.Equal(Verdict.Inconclusive, one.Result.Verdict);
        Assert.Contains(one.Result.Warnings, w => w.Kind == WarningKind.TooFewSamples);
        Assert.DoesNotContain("NaN", CheckJson.Write(report), StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", CheckHtml.Write(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Json_has_the_documented_shape()
    {
        CheckReport report = ModelCheck.Run(Model, [Seen("good", 1, [100, 30, 20]), Seen("bad", 2, [100, 30, 40])]);
        using JsonDocument document = JsonDocument.Parse(CheckJson.Write(report));
        JsonElement root = document.RootElement, bad = root.GetProperty("observations")[0], row = root.GetProperty("rows")[0];
        Assert.Equal("bad", bad.GetProperty("id").GetString());
        Assert.Equal("refuted", bad.GetProperty("verdict").GetString());
        Assert.InRange(bad.GetProperty("distance").GetDouble(), 3, 1000);
        Assert.InRange(bad.GetProperty("confidence").GetDouble(), .99, 1);
        JsonElement violated = bad.GetProperty("violated")[0];
        Assert.Equal(1, violated.GetProperty("row").GetProperty("walked").GetInt32());
        Assert.Equal(-1, violated.GetProperty("row").GetProperty("miss").GetInt32());
        Assert.Equal("walked <= miss", bad.GetProperty("certificate").GetProperty("row_text").GetString());
        Assert.Equal("consistent", root.GetProperty("observations")[1].GetProperty("verdict").GetString());
        Assert.Empty(root.GetProperty("observations")[1].GetProperty("violated").EnumerateArray());
        Assert.Equal((1, 1), (row.GetProperty("failing").GetInt32(), row.GetProperty("passing").GetInt32()));
        Assert.Equal("bad", row.GetProperty("failing_observations")[0].GetString());
        Assert.Equal("conditional", root.GetProperty("method").GetString());
        Assert.Equal(2, root.GetProperty("histogram").EnumerateArray().Sum(b => b.GetProperty("observations").GetInt32()));
    }

    [Fact]
    public void Signatures_past_the_bound_of_facets_still_have_certificates()
    {
        CheckReport report = ModelCheck.Run(Model, [Seen("bad", 2, [100, 30, 40])], limits: ConeLimits.EqualitiesOnly);
        Assert.Equal(Verdict.Refuted, report.Observations[0].Result.Verdict);
        Assert.NotNull(report.Observations[0].Result.SparseCertificate);
        Assert.Empty(report.Rows);
        Assert.Contains(CheckText.Lines(report), line => line.Contains("not enumerated", StringComparison.Ordinal));
    }

    [Fact]
    public void Methods_have_words()
    {
        Assert.All(VerdictWords.Methods, word => Assert.Equal(word, VerdictWords.Of(VerdictWords.Method(word))));
        Assert.Equal(Enum.GetValues<VerdictMethod>().Length, VerdictWords.Methods.Count);
        Assert.Contains("pca-box", Assert.Throws<ArgumentException>(() => VerdictWords.Method("pca")).Message, StringComparison.Ordinal);
    }

    /// <summary>Samples whose counters share phases, with 2 % noise of their own.</summary>
    internal static Observation Seen(string id, int seed, double[] means, CounterSet? counters = null, int samples = 200, string? group = null)
    {
        var random = new Random(seed);
        var builder = new ObservationBuilder(id, counters ?? Counters, group);
        for (int k = 0; k < samples; k++)
        {
            double phase = Math.Exp(.2 * Normal());
            builder.Add([.. means.Select(mean => 1000 * mean * phase * (1 + .02 * Normal()))]);
        }

        return builder.Build();

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }
}
