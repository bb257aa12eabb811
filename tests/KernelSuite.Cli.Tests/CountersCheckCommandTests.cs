using System.Text.Json;
using KernelSuite.Cli;

namespace KernelSuite.Tests;

/// <summary><c>ksuite counters check</c> and <c>refine</c>.</summary>
public sealed class CountersCheckCommandTests
{
    private const string Walks =
        """
        feature Merging, Prefetch;
        FLOW {
          switch item { Access => incr access; Prefetch if Prefetch => incr walked; done; };
          switch tlb { Hit => done; Miss => incr miss; };
          if Merging { switch under_way { No => pass; Yes => done; }; }
          incr walked;
          done;
        }
        """;

    [Fact]
    public void A_model_that_explains_all_ends_with_0()
    {
        using TemporaryFolder folder = Samples(("good", 1));
        CliResult text = CliResult.Run("counters", "check", folder["m.fdl"], folder["s.csv"]);
        Assert.True(text.Code == ExitCode.Ok, text.Error + text.Output);
        Assert.Contains("0 refuted", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refuted_model_ends_with_1_and_says_why()
    {
        using TemporaryFolder folder = Samples(("good", 1), ("merged", .8));
        CliResult text = CliResult.Run("counters", "check", folder["m.fdl"], folder["s.csv"]);
        Assert.Equal(ExitCode.Failed, text.Code);
        Assert.Contains("the model says miss <= walked", text.Output, StringComparison.Ordinal);
        CliResult json = CliResult.Run("counters", "check", folder["m.fdl"], folder["s.csv"], "--format", "json", "--method", "pca-box");
        Assert.Equal(ExitCode.Failed, json.Code);
        JsonElement[] observations = [.. json.Json.GetProperty("observations").EnumerateArray()];
        Assert.Equal(["merged", "good"], observations.Select(o => o.GetProperty("id").GetString()));
        Assert.Equal(["refuted", "consistent"], observations.Select(o => o.GetProperty("verdict").GetString()));
        Assert.Equal("pca-box", json.Json.GetProperty("method").GetString());
        JsonElement worst = json.Json.GetProperty("rows")[0];
        Assert.Equal((1, 1), (worst.GetProperty("passing").GetInt32(), worst.GetProperty("failing").GetInt32()));
        Assert.Equal(400, json.Json.GetProperty("inputs").GetProperty("samples").GetInt64());
    }

    /// <summary>80 observations are a batch.</summary>
    [Fact]
    public void A_device_changes_nothing_in_the_result()
    {
        using TemporaryFolder folder = Samples([.. Enumerable.Range(0, 80).Select(i => ($"w{i}", i % 3 == 0 ? .8 : 1))]);
        foreach (string command in (string[])["check", "refine"])
        {
            CliResult byDefault = CliResult.Run("counters", command, folder["m.fdl"], folder["s.csv"], "--format", "json");
            CliResult cpu = CliResult.Run("counters", command, folder["m.fdl"], folder["s.csv"], "--format", "json", "--device", "cpu");
            Assert.True(cpu.Code == (command == "check" ? ExitCode.Failed : ExitCode.Ok), cpu.Error);
            Assert.Equal(byDefault.Output, cpu.Output);
            CliResult nowhere = CliResult.Run("counters", command, folder["m.fdl"], folder["s.csv"], "--device", "opencl:99");
            Assert.Equal(ExitCode.DeviceUnavailable, nowhere.Code);
            Assert.Contains("opencl:99", nowhere.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_feature_explains_what_the_plain_model_cannot()
    {
        using TemporaryFolder folder = Samples(("good", 1), ("merged", .8));
        CliResult with = CliResult.Run("counters", "check", folder["m.fdl"], folder["s.csv"], "--features", "Merging");
        Assert.True(with.Code == ExitCode.Ok, with.Error + with.Output);
        CliResult free = CliResult.Run("counters", "check", folder["m.fdl"], folder["s.csv"], "--counters", "access,miss");
        Assert.True(free.Code == ExitCode.Ok, free.Error + free.Output);
    }

    [Fact]
    public void The_page_goes_to_a_file_whole()
    {
        using TemporaryFolder folder = Samples(("merged <i>", .8));
        CliResult result = CliResult.Run("counters", "check", folder["m.fdl"], folder["s.csv"], "--format", "html", "-o", folder["r.html"]);
        Assert.Equal(ExitCode.Failed, result.Code);
        Assert.Empty(result.Output);
        string html = File.ReadAllText(folder["r.html"]);
        Assert.StartsWith("<!DOCTYPE html>", html, StringComparison.Ordinal);
        Assert.Contains("merged &lt;i&gt;", html, StringComparison.Ordinal);
        Assert.Contains("<svg", html, StringComparison.Ordinal);
        Assert.Equal(["m.fdl", "r.html", "s.csv"], folder.Files);
    }

    [Fact]
    public void Exact_values_are_points()
    {
        using TemporaryFolder folder = Samples();
        File.WriteAllText(folder["e.csv"], "run,counter,value\n1,access,10\n1,miss,5\n1,walked,6\n");
        CliResult noisy = CliResult.Run("counters", "check", folder["m.fdl"], folder["e.csv"], "--features", "Merging");
        Assert.Equal(ExitCode.Ok, noisy.Code);
        Assert.Contains("1 inconclusive", noisy.Output, StringComparison.Ordinal);
        CliResult exact = CliResult.Run("counters", "check", folder["m.fdl"], folder["e.csv"], "--features", "Merging", "--exact");
        Assert.Equal(ExitCode.Failed, exact.Code);
        Assert.Contains("walked <= miss", exact.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_of_other_counters_test_nothing()
    {
        using TemporaryFolder folder = Samples();
        File.WriteAllText(folder["o.csv"], "workload,time,counter,value\nw,1,cycles,10\nw,2,cycles,11\n");
        CliResult result = CliResult.Run("counters", "check", folder["m.fdl"], folder["o.csv"]);
        Assert.Equal(ExitCode.NothingRun, result.Code);
        Assert.Contains("nothing was tested", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--confidence", "1.5")]
    [InlineData("--method", "guess")]
    [InlineData("--features", "Magic")]
    [InlineData("--counters", "magic")]
    [InlineData("--group-by", "nowhere")]
    public void Bad_options_are_refused(string option, string value)
    {
        using TemporaryFolder folder = Samples(("good", 1));
        CliResult result = CliResult.Run("counters", "check", folder["m.fdl"], folder["s.csv"], option, value);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains(value, result.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.BadInput, CliResult.Run("counters", "check", folder["m.fdl"]).Code);
        Assert.Equal(ExitCode.BadInput, CliResult.Run("counters", "check", folder["m.fdl"], folder["none.csv"]).Code);
    }

    [Fact]
    public void Refine_names_the_feature_that_is_needed()
    {
        using TemporaryFolder folder = Samples(("good", 1), ("merged", .8));
        CliResult json = CliResult.Run("counters", "refine", folder["m.fdl"], folder["s.csv"], "--format", "json");
        Assert.True(json.Code == ExitCode.Ok, json.Error);
        JsonElement minimal = Assert.Single(json.Json.GetProperty("minimal").EnumerateArray());
        Assert.Equal("Merging", Assert.Single(minimal.GetProperty("features").EnumerateArray()).GetString());
        CliResult text = CliResult.Run("counters", "refine", folder["m.fdl"], folder["s.csv"]);
        Assert.Contains("{Merging}", text.Output, StringComparison.Ordinal);
        Assert.Contains("repaired by Merging", text.Output, StringComparison.Ordinal);
        Assert.Contains("tried 4 of 4 sets", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Refine_ends_with_1_where_no_set_is_left()
    {
        using TemporaryFolder folder = Samples(("good", 1), ("merged", .8));
        CliResult without = CliResult.Run("counters", "refine", folder["m.fdl"], folder["s.csv"], "--features", "Prefetch");
        Assert.Equal(ExitCode.Failed, without.Code);
        Assert.Contains("no set of features explains", without.Output, StringComparison.Ordinal);
        CliResult few = CliResult.Run("counters", "refine", folder["m.fdl"], folder["s.csv"], "--max-sets", "1");
        Assert.Equal(ExitCode.Failed, few.Code);
        Assert.Contains("Stopped: 1 sets", few.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.BadInput, CliResult.Run("counters", "refine", folder["m.fdl"], folder["s.csv"], "--max-time", "0").Code);
    }

    /// <summary>A model and a table with 200 samples of each workload, in which that share of misses walks.</summary>
    private static TemporaryFolder Samples(params (string Workload, double Walking)[] workloads)
    {
        var folder = new TemporaryFolder();
        File.WriteAllText(folder["m.fdl"], Walks);
        if (workloads.Length == 0) return folder;
        var random = new Random(7);
        using StreamWriter table = File.CreateText(folder["s.csv"]);
        table.Write("workload,time,access,miss,walked\n");
        foreach ((string workload, double walking) in workloads)
        {
            for (int time = 0; time < 200; time++)
            {
                double phase = 1 + random.NextDouble();
                table.Write(
                    FormattableString.Invariant($"{workload},{time},{Count(1000 * phase)},{Count(300 * phase)},{Count(300 * walking * phase)}\n"));
            }
        }

        return folder;

        double Count(double value) => Math.Round(1000 * value * (.98 + .04 * random.NextDouble()));
    }
}
