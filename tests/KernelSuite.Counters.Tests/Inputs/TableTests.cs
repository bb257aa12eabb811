using System.Text;
using KernelSuite.Counters.Inputs;
using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Tests.Inputs;

public sealed class TableTests
{
    private const string Long = """
        workload,page,time,counter,value
        bfs,4k,0,a,10
        bfs,4k,0,b,1
        bfs,4k,1,a,20
        bfs,4k,1,b,4
        bfs,2m,0,a,5
        bfs,2m,0,b,6
        bfs,4k,2,a,30
        bfs,4k,2,b,
        bfs,4k,3,a,40

        """;

    private const string Wide = "workload,a,b,c\nbfs,1,10,100\nbfs,2,20,200\nbfs,3,,300\npr,4,40,400\n";

    [Fact]
    public void Long_tables_group_by_the_columns_before_time()
    {
        ObservationSet set = Reading.Text(Long);
        Assert.Equal(SampleFormat.LongTable, set.Format());
        Assert.Equal(["workload=bfs page=4k", "workload=bfs page=2m"], set.Observations.Select(o => o.Id));
        Assert.Equal((3, 1, 1, 2), (set.Report.Samples, set.Report.DroppedNotCounted, set.Report.DroppedIncomplete, set.Report.Dropped));
        Assert.Equal((15, 2.5), (set.Mean("a", "workload=bfs page=4k"), set.Mean("b", "workload=bfs page=4k")));
        Observation one = set.Observations[0];
        Assert.Equal((50, 15, 4.5), (one.Moments.Covariance(0, 0), one.Moments.Covariance(0, 1), one.Moments.Covariance(1, 1)));
        Assert.Equal(2, one.Dropped);
    }

    [Fact]
    public void Columns_are_chosen_by_name()
    {
        ObservationSet set = Reading.Text(Long, new SampleReadOptions { GroupBy = ["PAGE", "file"], Counters = ["b", "z"] });
        Assert.Equal(["page=4k file=test.csv", "page=2m file=test.csv"], set.Observations.Select(o => o.Id));
        Assert.Equal(["b"], set.Observations[0].Counters);
        Assert.Contains(set.Report.Warnings, w => w.Contains("not in the files: z", StringComparison.Ordinal));
        Assert.Contains("no column 'node' among workload, page", Reading.Fails(Long, new SampleReadOptions { GroupBy = ["node"] }).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Shuffled_runs_are_observations_of_one_id()
    {
        ObservationSet set = Reading.Text("workload,time,counter,value,seed\nx,0,a,1,s1\nx,1,a,2,s1\nx,0,a,3,s2\n",
            new SampleReadOptions { ShuffleBy = "seed" });
        Assert.Equal([("x", "s1"), ("x", "s2")], set.Observations.Select(o => (o.Id, o.Group!)));
    }

    [Fact]
    public void A_counter_that_shows_up_late_drops_what_lacks_it()
    {
        ObservationSet set = Reading.Text("time,counter,value\n0,a,1\n1,a,2\n2,a,3\n2,b,5\n3,a,4\n3,b,6\n");
        Assert.Equal((2, 2), (set.Report.Samples, set.Report.DroppedIncomplete));
        Assert.Equal((3.5, 5.5), (set.Mean("a"), set.Mean("b")));
        Assert.Contains(set.Report.Warnings, w => w.StartsWith("test.csv(5): 'b' is recorded for 'all' from here on; the 2 samples",
            StringComparison.Ordinal));
    }

    [Fact]
    public void A_counter_that_never_has_a_value_is_left_out_with_a_warning()
    {
        ObservationSet set = Reading.Text("time,counter,value\n0,a,1\n0,b,NaN\n1,a,2\n1,b,<not counted>\n");
        Assert.Equal((2, 0), (set.Report.Samples, set.Report.Dropped));
        Assert.Contains(set.Report.Warnings, w => w.Contains("b never had a value", StringComparison.Ordinal));
    }

    [Fact]
    public void The_mirror_of_gem5_is_exact()
    {
        ObservationSet set =
            Reading.Text("workload_id,parent_window_id,window_id,gem5_stat,gem5_value\nw,0,0,a,2\nw,0,0,b,1\nw,0,1,a,4\nw,0,1,b,3\n");
        Assert.Equal("w", Assert.Single(set.Observations).Id);
        Assert.Equal((3, 2, true), (set.Mean("a"), set.Mean("b"), set.Observations[0].IsExact));
        Assert.Equal(2, set.Report.Samples);
    }

    [Fact]
    public void Counters_that_did_not_run_drop_the_sample()
    {
        ObservationSet set = Reading.Text("time,counter,value,percent_running\n0,a,1,100\n0,b,2,50\n1,a,1,0\n1,b,2,50\n");
        Assert.Equal((1, 1), (set.Report.Samples, set.Report.DroppedNotRunning));
    }

    [Fact]
    public void Rows_sorted_by_counter_are_named_as_the_cause()
    {
        ObservationSet set = Reading.Text("time,counter,value\n0,a,1\n1,a,2\n0,b,1\n1,b,2\n");
        Assert.Empty(set.Observations);
        Assert.Contains(set.Report.Warnings, w => w.StartsWith("No complete sample: all. Rows of one sample have to follow one another",
            StringComparison.Ordinal));
    }

    [Fact]
    public void Wide_tables_group_by_their_text_columns()
    {
        ObservationSet set = Reading.Text(Wide);
        Assert.Equal(SampleFormat.WideTable, set.Format());
        Assert.Equal((1.5, 15, 150, 4), (set.Mean("a", "bfs"), set.Mean("b", "bfs"), set.Mean("c", "bfs"), set.Mean("a", "pr")));
        Assert.Equal(1, set.Report.DroppedNotCounted);
        Assert.Equal(["b", "c"], Reading.Text(Wide, new SampleReadOptions { GroupBy = ["a"] }).Observations[0].Counters.Where(c => c != "workload"));
    }

    [Fact]
    public void Encodings_and_line_ends_make_no_difference()
    {
        foreach (string text in (string[])[Wide, Wide.Replace("\n", "\r\n", StringComparison.Ordinal), Wide.TrimEnd()])
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            byte[][] encoded =
            [
                utf8, [0xEF, 0xBB, 0xBF, .. utf8], Encoding.Unicode.GetBytes(text), Encoding.BigEndianUnicode.GetBytes(text),
                [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)], [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(text)],
            ];
            foreach (byte[] bytes in encoded) Assert.Equal(150, Reading.Bytes(bytes).Mean("c", "bfs"));
        }
    }

    [Fact]
    public void Quotation_marks_and_locales_are_read()
    {
        ObservationSet set = Reading.Text("name;a;b\n\"x; \"\"y\"\"\";\"1.234.567,5\";3\n", new SampleReadOptions { Decimal = DecimalMark.Comma });
        Assert.Equal(1234567.5, set.Mean("a", "x; \"y\""));
        Assert.Equal(1234567, Reading.Text("name,a\nx,\"1,234,567\"\n").Mean("a"));
        Assert.Equal(12e6, Reading.Text("name\ta\nx\t1.2e7\n").Mean("a"));
    }

    [Theory]
    [InlineData("", 0, 0, "empty")]
    [InlineData("\n\n", 0, 0, "no line of text")]
    [InlineData("12\n13\n", 1, 0, "begins none of the formats")]
    [InlineData("time,counter,value\n0,a,1\n0,b\n", 3, 3, "a row of 2 fields")]
    [InlineData("time,counter,value\n0,a,1\n1,a,xx\n", 3, 5, "'xx' is not a count")]
    [InlineData("time,counter,value\n0,a,-1\n", 2, 5, "'-1' is not a count")]
    [InlineData("time,counter,value\n0,a,1\n0,\u00E4,1\n0,\u00E4,2\n", 4, 3, "comes twice")]
    [InlineData("time,counter,value\n0,\"a,1\n", 2, 3, "quotation mark")]
    [InlineData("time,counter,value\n0,\"a\"b,1\n", 2, 6, "text follows")]
    [InlineData("name,a,b\nx,1,2\ny,1,2,3\n", 3, 7, "a row of 4 fields")]
    [InlineData("a,b\n1,2\n3,1e999\n", 3, 3, "'1e999' is not a count")]
    [InlineData("a,b\n1,2\n3,1e140\n", 3, 3, "Expected a number from 0 to 1E+30")]
    public void Faults_have_a_place(string text, long line, int column, string says)
    {
        CounterFormatException error = Reading.Fails(text);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Equal((line, column), (error.Line, error.Column));
    }

    [Fact]
    public void A_cut_off_last_line_is_called_so() =>
        Assert.Contains("may be cut off", Reading.Fails("time,counter,value\n0,a,1\n0,b").Message, StringComparison.Ordinal);

    [Fact]
    public void Files_are_bounded()
    {
        Assert.Contains("longer than", Reading.Fails("a,b\n" + new string('1', InputLimits.MostLineBytes + 1)).Message, StringComparison.Ordinal);
        Assert.Contains("more than 8192 fields", Reading.Fails("a,b\n" + new string(',', 9000) + "\n").Message, StringComparison.Ordinal);
        Assert.Contains("a counter name of", Reading.Fails("time,counter,value\n0," + new string('a', 5000) + ",1\n").Message,
            StringComparison.Ordinal);
        string many = string.Concat(Enumerable.Range(0, 1025).Select(i => $"0,c{i},1\n"));
        Assert.Contains("more than 1024 counters", Reading.Fails("time,counter,value\n" + many).Message, StringComparison.Ordinal);
        Assert.Contains("gzip", Assert.Throws<CounterFormatException>(() => Reading.Bytes([0x1F, 0x8B, 8, 0, 0])).Message, StringComparison.Ordinal);
        Assert.Contains("binary", Assert.Throws<CounterFormatException>(() => Reading.Bytes([7, 0, 0, 0, 1])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_files_join_and_reading_can_be_stopped()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, Wide);
            ObservationSet set = CounterSamples.Read([path, path]);
            Assert.Equal((6, 2), (set.Report.Samples, set.Report.Files.Count));
            File.WriteAllText(path, "a,b\n" + string.Concat(Enumerable.Repeat("1,2\n", 1 << 17)));
            Assert.Throws<OperationCanceledException>(() => CounterSamples.Read([path],
                new SampleReadOptions { Cancellation = new CancellationToken(canceled: true) }));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
