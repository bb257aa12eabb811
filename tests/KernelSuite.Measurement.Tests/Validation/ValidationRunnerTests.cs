using KernelSuite.Measurement;
using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Tests;

public sealed class ValidationRunnerTests
{
    [Fact]
    public void A_right_operation_passes()
    {
        ValidationReport report = Run(new FakeOperation());
        Assert.Equal((1, 0, 0), (report.Passed, report.Failed, report.Unsupported));
        Assert.Equal(("twice", "small", "cpu", "float32", "plain", StatusNames.Pass), Key(report.Cases[0]));
    }

    [Theory]
    [InlineData(Fault.Zeros)]
    [InlineData(Fault.Overrun)]
    [InlineData(Fault.Refuses)]
    [InlineData(Fault.BlindCheck)]
    internal void A_broken_operation_fails_with_a_reason(Fault fault)
    {
        ValidationReport report = Run(new FakeOperation(fault));
        Assert.Equal((0, 1, 0), (report.Passed, report.Failed, report.Unsupported));
        Assert.NotEmpty(report.Cases[0].Reason);
    }

    [Fact]
    public void Unsupported_is_counted_apart()
    {
        ValidationReport report = Run(new FakeOperation(Fault.Unsupported));
        Assert.Equal((0, 0, 1), (report.Passed, report.Failed, report.Unsupported));
    }

    [Fact]
    public void Every_progress_step_is_reported_in_order()
    {
        var steps = new Steps();
        ValidationRunner.Run(Request(new FakeOperation()), steps);
        Assert.Equal([0, 1], steps.Seen.Select(s => s.Done));
        Assert.All(steps.Seen, s => Assert.Equal(1, s.Total));
    }

    private static (string Operation, string Case, string Device, string Dtype, string Implementation, string Status) Key(ValidationRecord r) =>
        (r.Operation, r.Case, r.Device, r.Dtype, r.Implementation, r.Status);

    private static SuiteRequest Request(Operation operation) => new() { Operations = [operation], Devices = [DeviceCatalog.Default.Find("cpu")] };

    private static ValidationReport Run(Operation operation) => ValidationRunner.Run(Request(operation));

    private sealed class Steps : IProgress<SuiteProgress>
    {
        public List<SuiteProgress> Seen { get; } = [];

        public void Report(SuiteProgress value) => Seen.Add(value);
    }
}
