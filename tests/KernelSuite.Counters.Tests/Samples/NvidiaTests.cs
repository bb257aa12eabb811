using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Models;
using Xunit;

namespace KernelSuite.Counters.Tests.Samples;

/// <summary>The first model of NVIDIA's memory: no data yet, so these hold it to what its header says.</summary>
public class NvidiaTests
{
    private static readonly FlowModel Model = CounterSamples.Model("nvidia/memory.fdl");

    [Fact]
    public void The_counters_are_those_of_the_list() => Assert.Equal(
        Model.Counters.Order(StringComparer.Ordinal),
        CounterSamples.Counters("nvidia/counters.txt").Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("l1tex__t_sectors_pipe_lsu_mem_global_op_ld_lookup_miss.sum", "lts__t_sectors_srcunit_tex_op_read.sum", "L1MissMerging")]
    [InlineData("lts__t_sectors_srcunit_tex_op_read_lookup_miss.sum", "dram__sectors_read.sum", "FarPartition")]
    [InlineData("lts__t_sectors_srcunit_tex_op_read_lookup_miss.sum", "dram__sectors_read.sum", "L2MissMerging")]
    [InlineData("lts__t_sectors_srcunit_tex_op_read_lookup_miss.sum", "dram__sectors_read.sum", "OtherMemory")]
    [InlineData("dram__sectors_read.sum", "lts__t_sectors_srcunit_tex_lookup_miss.sum", "WideFills")]
    [InlineData("dram__sectors_read.sum", "lts__t_sectors_srcunit_tex_lookup_miss.sum", "OtherClients")]
    public void A_row_of_the_plain_model_falls_with_its_feature(string atMost, string atLeast, string feature)
    {
        SignatureSet plain = Model.Enumerate([]).Signatures, with = Model.Enumerate([feature]).Signatures;
        Assert.True(plain.Implies(CounterSamples.Row(plain.Counters, atMost, atLeast)));
        Assert.False(with.Implies(CounterSamples.Row(with.Counters, atMost, atLeast)));
    }

    [Fact]
    public void Stores_read_dram_only_where_they_may_be_partial()
    {
        string reads = "dram__sectors_read.sum";
        string bound = string.Join(" + ",
            "lts__t_sectors_srcunit_tex_op_read_lookup_miss.sum", "lts__t_sectors_srcunit_tex_op_atom.sum", "lts__t_sectors_srcunit_tex_op_red.sum");
        SignatureSet plain = Model.Enumerate([]).Signatures, partial = Model.Enumerate(["PartialWrites"]).Signatures;
        Assert.True(plain.Implies(CounterSamples.Row(plain.Counters, reads, bound)));
        Assert.False(partial.Implies(CounterSamples.Row(partial.Counters, reads, bound)));
    }

    [Fact]
    public void What_no_feature_touches_holds_with_all_of_them()
    {
        ModelCone cone = ModelCone.Of(Model.Enumerate(Model.Features).Signatures);
        Assert.Equal(6, cone.Equalities.Count);
        Assert.Equal(11, cone.Inequalities.Count);
    }
}
