using System.Text.Json;
using KernelSuite.Measurement;
using KernelSuite.Runtime;

namespace KernelSuite.Tests;

public sealed class ReportJsonTests
{
    [Fact]
    public void Bench_names_are_stable()
    {
        using JsonDocument document = JsonDocument.Parse(ReportJson.Write(Bench(double.NaN)));
        Assert.Equal(["context", "devices", "results", "timed", "failed"], Names(document.RootElement));
        Assert.Equal(
            [
                "operation", "case", "device", "dtype", "implementation", "status", "reason", "median_s", "gflops", "gbytes_per_s", "peak_gflops", "peak_share", "copy_share",
                "read_share", "device_median_s", "min_s", "q1_s", "q3_s", "relative_noise", "batch", "stop", "samples_s", "device_samples_s", "worst_error", "allowed",
                "checked_units", "flops", "minimum_bytes", "mostly_reads", "cost_formula", "plan", "workspace_bytes", "inputs", "repeat",
            ],
            Names(document.RootElement.GetProperty("results")[0]));
        Assert.Equal(
            ["device", "peak_gflops", "peak_method", "copy_gbytes_per_s", "copy_method", "threads", "peak_rounds", "read_gbytes_per_s", "read_method"],
            Names(document.RootElement.GetProperty("devices")[0]));
        Assert.Equal(
            ["command", "time_utc", "suite", "revision", "runtime", "operating_system", "architecture", "processors", "processor_mhz", "seed", "environment"],
            Names(document.RootElement.GetProperty("context")));
    }

    [Fact]
    public void What_is_no_number_is_null()
    {
        foreach (double value in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            using JsonDocument document = JsonDocument.Parse(ReportJson.Write(Bench(value)));
            Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("devices")[0].GetProperty("peak_gflops").ValueKind);
            JsonElement row = document.RootElement.GetProperty("results")[0];
            Assert.Equal(JsonValueKind.Null, row.GetProperty("worst_error").ValueKind);
            Assert.Equal(JsonValueKind.Null, row.GetProperty("median_s").ValueKind);
            Assert.Equal(JsonValueKind.Null, row.GetProperty("samples_s")[0].ValueKind);
        }
    }

    [Fact]
    public void A_bench_report_survives_the_round_trip()
    {
        BenchReport report = Bench(1.5);
        BenchReport back = ReportJson.ReadBench(ReportJson.Write(report));
        Assert.Equal(1.5, back.Results[0].WorstError);
        Assert.Equal(ReportJson.Write(report), ReportJson.Write(back));
    }

    [Fact]
    public void Validation_names_are_stable()
    {
        var record = new ValidationRecord("twice", "small", "cpu", "float32", "plain", StatusNames.Fail, double.PositiveInfinity, double.NaN, "because");
        using JsonDocument document = JsonDocument.Parse(ReportJson.Write(new ValidationReport(RunContext.Capture("c", 1), [], [record])));
        Assert.Equal(["context", "devices", "cases", "passed", "failed", "unsupported"], Names(document.RootElement));
        JsonElement row = document.RootElement.GetProperty("cases")[0];
        Assert.Equal(["operation", "case", "device", "dtype", "implementation", "status", "worst_error", "allowed", "reason"], Names(row));
        Assert.Equal(JsonValueKind.Null, row.GetProperty("worst_error").ValueKind);
    }

    [Fact]
    public void Devices_names_are_stable()
    {
        using JsonDocument document = JsonDocument.Parse(ReportJson.Write(DevicesReport.Of(DeviceCatalog.Default)));
        Assert.Equal(["devices", "auto", "reason"], Names(document.RootElement));
        Assert.Equal(
            [
                "id", "name", "kind", "vendor", "driver", "api", "compute_units", "clock_mhz", "global_memory_bytes", "max_allocation_bytes", "local_memory_bytes",
                "max_work_group_size", "vector_width_float32", "compute_capability",
            ],
            Names(document.RootElement.GetProperty("devices")[0]));
    }

    private static string[] Names(JsonElement element) => [.. element.EnumerateObject().Select(p => p.Name)];

    private static BenchReport Bench(double value)
    {
        var row = new BenchResult
        {
            Operation = "twice",
            Case = "timed",
            Device = "cpu",
            Dtype = "float32",
            Implementation = "plain",
            Status = StatusNames.Fail,
            WorstError = value,
            SamplesS = [value],
            Repeat = "ksuite bench",
        };
        return new BenchReport(
            RunContext.Capture("ksuite bench", 7), [new BenchDevice(DeviceRecord.Of(DeviceCatalog.Default.Find("cpu")), value, "m", value, "m", 1, 1)], [row]);
    }
}
