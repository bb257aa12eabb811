using KernelSuite.Counters.Inputs;

namespace KernelSuite.Counters.Tests.Inputs;

/// <summary>Lines as perf 6.1 printed them.</summary>
public sealed class PerfCsvTests
{
    private const string Intervals = """
        # started on Sat Nov 21 08:59:28 2026

             0.020103555,0.48,msec,task-clock,478999,100.00,0.024,CPUs utilized
             0.020103555,76,,page-faults,478999,100.00,158.664,K/sec
             0.020103555,1,,context-switches,478999,100.00,2.088,K/sec
             0.040342745,<not counted>,msec,task-clock,0,100.00,,
             0.040342745,<not counted>,,page-faults,0,100.00,,
             0.040342745,<not counted>,,context-switches,0,100.00,,
             0.060342745,0.52,msec,task-clock,0,100.00,,
             0.060342745,80,,page-faults,0,100.00,,
             0.060342745,3,,context-switches,0,100.00,,

        """;

    [Fact]
    public void Intervals_are_samples_and_one_that_was_not_counted_is_dropped()
    {
        ObservationSet set = Reading.Text(Intervals);
        Assert.Equal(SampleFormat.PerfCsv, set.Format());
        Assert.Equal((2, 1, 9), (set.Report.Samples, set.Report.DroppedNotCounted, set.Report.Rows));
        Assert.Equal("all", Assert.Single(set.Observations).Id);
        Assert.Equal(78, set.Mean("page-faults"));
        Assert.Equal(0.5, set.Mean("task-clock"), 12);
        Assert.Equal(1, set.Observations[0].Dropped);
    }

    [Theory]
    [InlineData(";")]
    [InlineData("\t")]
    [InlineData("|")]
    [InlineData(":")]
    [InlineData("^")]
    public void Any_separator_is_detected(string separator) =>
        Assert.Equal(78, Reading.Text(Intervals.Replace(",", separator, StringComparison.Ordinal)).Mean("page-faults"));

    [Fact]
    public void Rows_a_cpu_are_observations_or_join_one()
    {
        const string Text = """
                 0.020102410,CPU0,5,,context-switches,20199175,100.00,,
                 0.020102410,CPU1,11,,context-switches,20234113,100.00,,
                 0.020102410,CPU0,<not supported>,,cycles,0,100.00,,
                 0.020102410,CPU1,<not supported>,,cycles,0,100.00,,
                 0.030107078,CPU0,13,,context-switches,30219957,100.00,,
                 0.030107078,CPU1,9,,context-switches,20397700,100.00,,
            """;
        ObservationSet apart = Reading.Text(Text);
        Assert.Equal(["CPU0", "CPU1"], apart.Observations.Select(o => o.Id));
        Assert.Equal((9, 10), (apart.Mean("context-switches", "CPU0"), apart.Mean("context-switches", "CPU1")));
        Assert.Contains(apart.Report.Warnings, w => w.Contains("'cycles' is <not supported>", StringComparison.Ordinal));
        ObservationSet joined = Reading.Text(Text, new SampleReadOptions { GroupBy = [] });
        Assert.Equal(4, joined.Report.Samples);
        Assert.Equal(9.5, joined.Mean("context-switches"));
    }

    [Theory]
    [InlineData("48,,page-faults,0.69%,410512,100.00,,", 48)]
    [InlineData("48,,page-faults,410512,100.00,0.69%,,", 48)]
    [InlineData("0.80,msec,task-clock,3.09%,801468,100.00,0.016,CPUs utilized", 0.8)]
    [InlineData("S0,2,81,,page-faults,102247926,100.00,792.196,/sec", 81)]
    [InlineData("S0-D0-C1,1,79,,page-faults,20143125,100.00,,", 79)]
    [InlineData("     0.020089677,S0-D0,2,40.44,msec,cpu-clock,40441875,100.00,2.003,K/sec", 40.44)]
    [InlineData("     0.020106805,0.69,msec,task-clock,687977,100.00,0.034,CPUs utilized", 0.69)]
    [InlineData("N0;2;102.76;msec;cpu-clock;102763888;100.00;2.000;CPUs utilized", 102.76)]
    [InlineData("sleep-4711;5;;page-faults;102763888;100.00;;", 5)]
    [InlineData("7,,page-faults,/,1000,100.00,,", 7)]
    [InlineData("123456,,cpu/event=0xd0,umask=0x11,name=x/u,410512,43.21,,", 123456)]
    [InlineData("1.234.567;;cycles;410512;100,00;;", 1234567)]
    [InlineData("1,234,567;;cycles;410512;100.00;;", 1234567)]
    [InlineData("1'234'567;;cycles;410512;100.00;;", 1234567)]
    [InlineData("1\u202F234\u202F567;;cycles;410512;100,00;;", 1234567)]
    [InlineData("1\u00A0234;;cycles;410512;100,00;;", 1234)]
    [InlineData("0,69;msec;task-clock;687977;100,00;0,034;CPUs utilized", 0.69)]
    [InlineData("     0,020106805;76;;page-faults;687977;100,00;;", 76)]
    public void Every_variant_of_a_line_is_understood(string line, double value)
    {
        ObservationSet set = Reading.Text(line + "\n");
        Assert.Equal(SampleFormat.PerfCsv, set.Format());
        Assert.Equal(value, Assert.Single(set.Observations).Moments.Mean[0]);
    }

    [Fact]
    public void Runs_without_a_time_are_samples_and_metric_rows_are_passed_over()
    {
        ObservationSet set = Reading.Text("10,,a,1,100.00,,\n,,,,,1.5,stalled per insn\n4,,b,1,100.00,,\n# started on "
            + "x\n\n12,,a,1,100.00,,\n6,,b,1,100.00,,\n14,,a,1,100.00,,\n8,,b,1,100.00,,\n");
        Assert.Equal((3, 0), (set.Report.Samples, set.Report.Dropped));
        Assert.Equal((12, 6), (set.Mean("a"), set.Mean("b")));
    }

    [Fact]
    public void Summaries_below_intervals_are_passed_over()
    {
        ObservationSet set = Reading.Text("     0.020075963,S0,2,75,,page-faults,471516,100.00,,\n     "
            + "0.030936290,S0,2,77,,page-faults,471516,100.00,,\n         summary,S0,2,152,,page-faults,62012121,100.00,,\n");
        Assert.Equal((2, 2, 76), (set.Report.Samples, set.Report.Rows, set.Mean("page-faults", "S0")));
        Assert.Equal(75, Reading.Text("     0.02,75,,page-faults,471516,100.00,,\n         summary,75,,page-faults,510156,100.00,,\n")
            .Mean("page-faults"));
    }

    [Fact]
    public void A_counter_that_ran_too_little_drops_its_sample()
    {
        const string Text =
            "1.0,10,,a,5,100.00,,\n1.0,20,,b,5,40.00,,\n2.0,10,,a,5,100.00,,\n2.0,20,,b,0,0.00,,\n3.0,10,,a,5,100.00,,\n3.0,20,,b,5,60.00,,\n";
        ObservationSet some = Reading.Text(Text);
        Assert.Equal((2, 1, 0), (some.Report.Samples, some.Report.DroppedNotRunning, some.Report.LeastRunningPercent));
        Assert.Equal(1, Reading.Text(Text, new SampleReadOptions { MinimumRunningPercent = 50 }).Report.Samples);
    }

    [Fact]
    public void Names_are_normalised_and_parts_of_hybrid_processors_summed_with_a_warning()
    {
        const string Text = "10,,cpu_core/cycles/u,1,100.00,,\n5,,cpu_atom/cycles/u,1,100.00,,\n3,,page-faults:u,1,100.00,,\n";
        ObservationSet set = Reading.Text(Text);
        Assert.Equal((15, 3), (set.Mean("cycles"), set.Mean("page-faults")));
        Assert.Contains(set.Report.Warnings, w => w.Contains("'cycles' is the sum of 'cpu_core/cycles/u', 'cpu_atom/cycles/u'",
            StringComparison.Ordinal));
        Assert.Equal(10, Reading.Text(Text, new SampleReadOptions { NormaliseEvents = false }).Mean("cpu_core/cycles/u"));
    }

    [Fact]
    public void Renamed_parts_are_summed_in_each_sample()
    {
        var rename = new Dictionary<string, string> { ["refs.l1"] = "refs", ["refs.l2"] = "refs" };
        ObservationSet set = Reading.Text(
            "1.0,10,,refs.l1,1,100.00,,\n1.0,1,,refs.l2,1,100.00,,\n2.0,20,,refs.l1,1,100.00,,\n2.0,2,,refs.l2,1,100.00,,\n"
            + "3.0,9,,refs.l1,1,100.00,,\n",
            new SampleReadOptions { Rename = rename });
        Assert.Equal(16.5, set.Mean("refs"));
        Assert.Equal(1, set.Report.DroppedIncomplete);
        Assert.DoesNotContain(set.Report.Warnings, w => w.Contains("is the sum", StringComparison.Ordinal));
    }

    [Fact]
    public void Json_lines_are_read_like_csv()
    {
        ObservationSet set = Reading.Text("""
            {"interval" : 0.020090700, "counter-value" : "<not supported>", "unit" : "", "event" : "cycles", "event-runtime" : 0, "pcnt-running" : 100.00, "metric-value" : 0.000000, "metric-unit" : ""}
            {"interval" : 0.020090700, "counter-value" : "73.000000", "unit" : "", "event" : "page-faults:u", "event-runtime" : 483010, "pcnt-running" : 100.00, "metric-value" : 151.135587, "metric-unit" : "K/sec"}
            {"interval" : 0.040252571, "counter-value" : "<not counted>", "unit" : "", "event" : "page-faults:u", "event-runtime" : 0, "pcnt-running" : 100.00, "metric-value" : 0.0, "metric-unit" : ""}
            {"interval" : 0.060252571, "counter-value" : "75.000000", "unit" : "", "event" : "page-faults:u", "variance" : 0.78, "event-runtime" : 0, "pcnt-running" : 100.00, "metric-value" : 0.0, "metric-unit" : "(null)"}
            """);
        Assert.Equal(SampleFormat.PerfJson, set.Format());
        Assert.Equal(74, set.Mean("page-faults"));
        Assert.Equal(1, set.Report.DroppedNotCounted);
        const string OfCpu = """{"cpu" : "0", "counter-value" : "79.000000", "event" : "page-faults", "pcnt-running" : 100.00}""";
        Assert.Equal(79, Reading.Text(OfCpu).Mean("page-faults", "0"));
        CounterFormatException wrong = Reading.Fails("""{"counter-value" : "79.000000", "event" : "page-faults", "event-runtime" : nan}""");
        Assert.Equal((1L, true), (wrong.Line, wrong.Column > 60));
    }

    [Theory]
    [InlineData("     0.02,76,,page-faults,478999,100.00,,\n     0.04,76,,page-fau\n", 2)]
    [InlineData("76,,page-faults,478999,100.00,,\n-5,,page-faults,478999,100.00,,\n", 2)]
    [InlineData("0,69,msec,task-clock,478999,100.00,,\n1,70,msec,task-clock,478999,100.00,,\n", 1)]
    [InlineData("     0.02,1,,a,5,100.00,,\n     0.02,2,,a,5,100.00,,\n", 2)]
    public void What_is_not_perf_is_an_error_at_its_line(string text, long line)
    {
        CounterFormatException error = Reading.Fails(text, new SampleReadOptions { Format = SampleFormat.PerfCsv, Separator = ',' });
        Assert.Equal(line, error.Line);
        Assert.Contains($"test.csv({line},", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_that_reads_two_ways_asks_for_the_mark()
    {
        Assert.Contains("decimal mark", Reading.Fails("1,234;;cycles;410512;100.00;;\n").NextStep, StringComparison.Ordinal);
        Assert.Equal(1234, Reading.Text("1,234;;cycles;410512;100.00;;\n", new SampleReadOptions { Decimal = DecimalMark.Point }).Mean("cycles"));
        Assert.Equal(1.234, Reading.Text("1,234;;cycles;410512;100.00;;\n", new SampleReadOptions { Decimal = DecimalMark.Comma }).Mean("cycles"));
    }

    [Fact]
    public void Raw_value_and_enabled_time_come_back()
    {
        var count = new PerfCount(1000, 300, 60);
        Assert.Equal((500, 600), (count.EnabledNanoseconds, count.RawValue));
    }
}
