using KernelSuite.Counters.Inputs;

namespace KernelSuite.Counters.Tests.Inputs;

public sealed class SimulatorTests
{
    internal const string NcuLong = """
        ==PROF== Connected to process 4711
        the program's own line, with a comma
        ==PROF== Profiling "copy" - 0: 0%....50%....100% - 1 pass
        "ID","Process ID","Process Name","Host Name","Kernel Name","Context","Stream","Block Size","Grid Size","Device","CC","Section Name","Metric Name","Metric Unit","Metric Value"
        "0","4711","app","127.0.0.1","copy(float *, float *)","1","7","(256, 1, 1)","(64, 1, 1)","0","9.0","Command line profiler metrics","lts__t_sectors.sum","sector","1,234,567"
        "0","4711","app","127.0.0.1","copy(float *, float *)","1","7","(256, 1, 1)","(64, 1, 1)","0","9.0","Command line profiler metrics","lts__t_sectors.avg","sector","12.5"
        "0","4711","app","127.0.0.1","copy(float *, float *)","1","7","(256, 1, 1)","(64, 1, 1)","0","9.0","Command line profiler metrics","dram__bytes.sum","Mbyte","1.23"
        "0","4711","app","127.0.0.1","copy(float *, float *)","1","7","(256, 1, 1)","(64, 1, 1)","0","9.0","Command line profiler metrics","dram__sectors.sum","sector","1,000"
        "1","4711","app","127.0.0.1","copy(float *, float *)","1","7","(256, 1, 1)","(64, 1, 1)","0","9.0","Command line profiler metrics","lts__t_sectors.sum","sector","1,234,569"
        "1","4711","app","127.0.0.1","copy(float *, float *)","1","7","(256, 1, 1)","(64, 1, 1)","0","9.0","Command line profiler metrics","dram__sectors.sum","sector","n/a"

        """;

    internal const string NcuRaw = """
        ==PROF== Disconnected from process 4711
        "ID","Process ID","Process Name","Host Name","Kernel Name","Context","Stream","Block Size","Grid Size","Device","CC","dram__bytes.sum","lts__t_sectors.sum","lts__t_sectors.avg"
        "","","","","","","","","","","","byte","sector","sector"
        "0","4711","app","127.0.0.1","copy","1","7","(256, 1, 1)","(64, 1, 1)","0","9.0","3,200","1,000","12.5"
        "1","4711","app","127.0.0.1","copy","1","7","(256, 1, 1)","(64, 1, 1)","0","9.0","3,264","1,002","12.5"

        """;

    internal const string Gem5 = """

        ---------- Begin Simulation Statistics ----------
        simSeconds                                   0.000020                       # Number of seconds simulated (Second)
        system.cpu.dcache.demandHits::total              1000                       # number of demand (read+write) hits (Count)
        system.cpu.dcache.demandMisses::total              50                       # number of demand (read+write) misses (Count)
        system.cpu.ipc                               0.520000                       # IPC: instructions per cycle ((Count/Cycle))
        system.cpu.rob::mean                                3                       # mean (Count)
        system.cpu.rob::0-7                                12     34.50%     34.50% # distribution (Count)

        ---------- End Simulation Statistics   ----------

        ---------- Begin Simulation Statistics ----------
        system.cpu.dcache.demandHits::total              2000                       # number of demand (read+write) hits (Count)
        system.cpu.dcache.demandMisses::total              70                       # number of demand (read+write) misses (Count)
        system.cpu.rob::0-7                                14     34.50%     34.50% # distribution (Count)

        ---------- End Simulation Statistics   ----------

        """;

    internal const string Cachegrind = """
        desc: I1 cache:         32768 B, 64 B, 8-way associative
        desc: D1 cache:         49152 B, 64 B, 12-way associative
        cmd: /bin/true --fast
        events: Ir I1mr ILmr Dr D1mr DLmr
        fl=./csu/../csu/libc-start.c
        fn=__libc_start_main@@GLIBC_2.34
        128 2 1 1 2 0 0
        summary: 133068 1091 1072 30376 1159 1022

        """;

    [Fact]
    public void Launches_of_ncu_are_samples_of_their_kernel()
    {
        ObservationSet set = Reading.Text(NcuLong);
        Assert.Equal(SampleFormat.NcuLong, set.Format());
        Assert.Equal("copy(float *, float *)", Assert.Single(set.Observations).Id);
        Assert.Equal(["lts__t_sectors.sum", "dram__sectors.sum"], set.Observations[0].Counters);
        Assert.Equal((1, 1), (set.Report.Samples, set.Report.DroppedNotCounted));
        Assert.Equal(1234567, set.Mean("lts__t_sectors.sum"));
        Assert.Contains(set.Report.Warnings, w => w.Contains("'dram__bytes.sum' is in 'Mbyte'", StringComparison.Ordinal));
        Assert.Equal(1234568, Reading.Text(NcuLong, new SampleReadOptions { Counters = ["lts__t_sectors.sum"] }).Mean("lts__t_sectors.sum"));
    }

    [Fact]
    public void The_raw_page_has_a_line_of_units()
    {
        ObservationSet set = Reading.Text(NcuRaw);
        Assert.Equal(SampleFormat.NcuRaw, set.Format());
        Assert.Equal((3232, 1001, 2), (set.Mean("dram__bytes.sum"), set.Mean("lts__t_sectors.sum"), set.Observations[0].Counters.Count));
        string without = string.Join('\n', NcuRaw.Split('\n').Where((_, i) => i != 2));
        Assert.Contains("the line of units", Reading.Fails(without).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sections_of_gem5_are_samples_of_counts_alone()
    {
        ObservationSet set = Reading.Text(Gem5);
        Assert.Equal(SampleFormat.Gem5Stats, set.Format());
        Assert.Equal(["system.cpu.dcache.demandHits::total", "system.cpu.dcache.demandMisses::total", "system.cpu.rob::0-7"],
            Assert.Single(set.Observations).Counters);
        Assert.Equal((1500, 60, 13), (set.Mean("system.cpu.dcache.demandHits::total"), set.Mean("system.cpu.dcache.demandMisses::total"),
            set.Mean("system.cpu.rob::0-7")));
        Assert.True(set.Observations[0].IsExact);
        Assert.False(Reading.Text(Gem5, new SampleReadOptions { Exact = false }).Observations[0].IsExact);
        Assert.Contains("does not end", Reading.Fails(Gem5[..(Gem5.Length / 2)]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_cachegrind_are_samples_of_their_command()
    {
        ObservationSet set = Reading.Text(Cachegrind);
        Assert.Equal(SampleFormat.Cachegrind, set.Format());
        Assert.Equal("/bin/true --fast", set.Observations[0].Id);
        Assert.Equal((133068, 1022), (set.Mean("Ir"), set.Mean("DLmr")));
        Assert.Contains("no summary", Reading.Fails(Cachegrind[..Cachegrind.IndexOf("summary", StringComparison.Ordinal)]).Message,
            StringComparison.Ordinal);
        Assert.Contains("a summary of 5 values", Reading.Fails(Cachegrind.Replace(" 1022", "", StringComparison.Ordinal)).Message,
            StringComparison.Ordinal);
    }
}
