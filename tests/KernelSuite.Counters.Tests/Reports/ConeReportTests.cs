using System.Text.Json;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Reports;

namespace KernelSuite.Counters.Tests.Reports;

public class ConeReportTests
{
    private const string HitOrMiss = "FLOW { incr a; switch h { Hit => pass; Miss => incr b; }; done; }";
    private const string MissMany = "FLOW { incr a; switch h { Hit => pass; Miss => incr b; incr b; }; done; }";

    [Fact]
    public void T1_rows_of_a_model()
    {
        ConeReport report = ConeReport.Of(FlowModel.Parse(HitOrMiss));
        Assert.Equal(["2 paths, 2 signatures, 2 counters, dimension 2", "0 equalities, 2 inequalities", "  0 <= b", "  b <= a"], report.Lines());
        using JsonDocument json = JsonDocument.Parse(ConeJson.Write(report));
        Assert.Equal(2, json.RootElement.GetProperty("paths").GetInt32());
        Assert.Equal(2, json.RootElement.GetProperty("rank").GetInt32());
        Assert.True(json.RootElement.GetProperty("facets_complete").GetBoolean());
        Assert.Empty(json.RootElement.GetProperty("equalities").EnumerateArray());
        Assert.Equal("[{\"b\":-1},{\"a\":-1,\"b\":1}]", JsonSerializer.Serialize(json.RootElement.GetProperty("inequalities")));
    }

    [Fact]
    public void Rows_on_some_counters_and_without_facets()
    {
        FlowModel model = FlowModel.Parse(HitOrMiss);
        Assert.Equal(["a"], ConeReport.Of(model, new CounterSet(["a"])).Counters);
        Assert.Contains("no counter 'x'",
            Assert.Throws<ArgumentException>(() => ConeReport.Of(model, new CounterSet(["x"]))).Message, StringComparison.Ordinal);
        ConeReport bounded = ConeReport.Of(model, limits: ConeLimits.EqualitiesOnly);
        Assert.False(bounded.FacetsComplete);
        Assert.Contains("not enumerated: more than 0 intermediate rays", bounded.Lines().ElementAt(1), StringComparison.Ordinal);
    }

    [Fact]
    public void Comparison_names_the_path_that_tells_apart()
    {
        ConeComparisonReport report = ConeComparisonReport.Of(FlowModel.Parse(HitOrMiss, "one"), FlowModel.Parse(MissMany, "two"));
        Assert.Equal("subset", report.Relation);
        ConeWitnessReport witness = Assert.Single(report.SecondOutside);
        Assert.Equal("Miss", witness.Decisions["h"]);
        Assert.Equal("b <= a", witness.RowText);
        Assert.Equal(2, witness.Signature["b"]);
        Assert.Contains("two counts a, 2 b on a path; one says b <= a", report.Lines());
        using JsonDocument json = JsonDocument.Parse(ConeJson.Write(report));
        Assert.Equal(1, json.RootElement.GetProperty("second_outside")[0].GetProperty("row").GetProperty("b").GetInt32());
    }

    [Fact]
    public void Counters_are_read_from_names_or_a_file()
    {
        Assert.Equal(["a", "b"], CounterNames.Read("a,b"));
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "# the group\na, b\r\nc # last\n");
        Assert.Equal(["a", "b", "c"], CounterNames.Read(file));
        File.WriteAllText(file, "# nothing\n");
        Assert.Contains("names no counter", Assert.Throws<ArgumentException>(() => CounterNames.Read(file)).Message, StringComparison.Ordinal);
        File.Delete(file);
    }
}
