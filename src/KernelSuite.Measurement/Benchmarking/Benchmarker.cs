using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>
/// Times cases on devices. Each case is checked against its derived tolerance before and after it is timed, and a case that
/// fails has no numbers. The peaks of every device are measured before, between and after the cases.
/// </summary>
/// <param name="request">What to time, and where.</param>
/// <param name="options">How; null for the defaults.</param>
/// <param name="clock">The clock; tests hand in one of their own.</param>
public sealed class Benchmarker(SuiteRequest request, BenchOptions? options = null, TimeProvider? clock = null)
{
    private readonly BenchOptions options = options ?? new BenchOptions();

    /// <summary>Runs the benchmark.</summary>
    /// <param name="progress">Told before each step.</param>
    /// <param name="cancellation">Stops the run; nothing is reported then.</param>
    /// <exception cref="ArgumentException">An operation, dtype, implementation or time is wrong.</exception>
    /// <exception cref="DeviceUnavailableException">A device cannot be opened.</exception>
    public BenchReport Run(IProgress<SuiteProgress>? progress = null, CancellationToken cancellation = default)
    {
        options.Timing.Validate();
        CaseSelection selection = request.Selection;
        IReadOnlyList<Operation> operations = selection.SelectOperations(request.Operations);
        selection.CheckImplementations(operations, request.Devices);
        (Operation Operation, OperationCase Case)[] cases =
            [.. operations.SelectMany(o => selection.SelectCases(o, CaseSuite.Bench).Select(c => (o, c)))];
        var context = RunContext.Capture(request.Command, request.Seed);
        if (cases.Length == 0) return new BenchReport(context, [], []);

        using var devices = new OpenDevices(request);
        using var meters = new PeakMeters(devices);
        var rows = new List<(int Device, BenchResult Row)>();
        int done = 0;
        foreach ((Operation operation, OperationCase c) in cases)
        {
            // Peaks before each case and after the last: the machine's good moments must not be the kernels' alone.
            progress?.Report(new SuiteProgress(done, cases.Length, "measuring peaks"));
            meters.Measure(cancellation);
            string what = $"{operation.Name} {c.Name} {c.Problem.DType.Name()}";
            progress?.Report(new SuiteProgress(done, cases.Length, $"{what}: reference"));
            using CaseExpectation expectation = CaseExpectation.Compute(operation, c, request.Seed, ValidationRunner.SampledUnits, cancellation);
            for (int d = 0; d < devices.Count; d++)
            {
                foreach (Implementation implementation in selection.SelectImplementations(operation.Implementations(devices[d].Info), WithBaselines(operation, c)))
                {
                    progress?.Report(new SuiteProgress(done, cases.Length, $"{what}: {implementation.Name} on {devices[d].Info.Id}"));
                    rows.Add((d, Time(devices[d], expectation, implementation, meters[d], cancellation)));
                }
            }

            done++;
        }

        progress?.Report(new SuiteProgress(done, cases.Length, "measuring peaks"));
        meters.Measure(cancellation);
        return new BenchReport(
            context,
            [.. devices.Select((device, d) => Describe(device.Info, meters[d].Peaks))],
            [.. rows.Select(row => WithShares(row.Row, meters[row.Device].Peaks))]);
    }

    /// <summary>One dtype tells how much a baseline loses; in all of them baselines would take most of the run's time.</summary>
    private static bool WithBaselines(Operation operation, OperationCase c) => c.Problem.DType == operation.DTypes[0];

    private static BenchDevice Describe(DeviceInfo info, DevicePeaks peaks) => new(
        DeviceRecord.Of(info), peaks.Gflops, peaks.FlopsMethod, peaks.GbytesPerSecond, peaks.CopyMethod, peaks.Threads, peaks.Rounds)
    {
        ReadGbytesPerS = peaks.ReadGbytesPerSecond > 0 ? peaks.ReadGbytesPerSecond : null,
        ReadMethod = peaks.ReadGbytesPerSecond > 0 ? peaks.ReadMethod : null,
    };

    private static BenchResult WithShares(BenchResult row, DevicePeaks peaks) => row with
    {
        CopyShare = row.GbytesPerS / peaks.GbytesPerSecond,
        ReadShare = row.MostlyReads && peaks.ReadGbytesPerSecond > 0 ? row.GbytesPerS / peaks.ReadGbytesPerSecond : null,
    };

    private static double Written(OperationProblem problem) =>
        problem.Cost.WrittenBytes ?? problem.Operands.Sum(o => o is { IsOutput: true } ? (double)o.ByteCount : 0);

    private BenchResult Time(Device device, CaseExpectation expectation, Implementation implementation, PeakMeter meter, CancellationToken cancellation)
    {
        OperationCase c = expectation.Case;
        OperationCost cost = c.Problem.Cost;
        var row = new BenchResult
        {
            Operation = expectation.Operation.Name,
            Case = c.Name,
            Device = device.Info.Id.ToString(),
            Dtype = c.Problem.DType.Name(),
            Implementation = implementation.Name,
            Status = StatusNames.Fail,
            Inputs = c.Inputs,
            CheckedUnits = expectation.CheckedUnits,
            Flops = cost.Flops,
            MinimumBytes = cost.MinimumBytes,
            CostFormula = cost.FormulaVersion,
            MostlyReads = Written(c.Problem) < cost.MinimumBytes / 10,
            Repeat = $"ksuite bench {expectation.Operation.Name} --device {device.Info.Id} --case {c.Name} --dtype {c.Problem.DType.Name()}"
                + $" --implementation {implementation.Name} --seed {request.Seed}",
        };
        if (expectation.Operation.Supports(device.Info, c.Problem).Reason is { } unsupported)
            return row with { Status = StatusNames.Unsupported, Reason = unsupported };
        if (expectation.ControlFailure is { } control) return row with { Reason = control };
        if (implementation.IsBaseline && TooSlow(cost, meter.Peaks) is { } skipped) return row with { Status = StatusNames.Skipped, Reason = skipped };
        try
        {
            using var run = new CaseRun(device, expectation, implementation.Name);
            return Time(run, row, cost, meter, cancellation);
        }
        catch (Exception error) when (error is DeviceException or NotSupportedException)
        {
            return row with { Reason = error.Message };
        }
    }

    private BenchResult Time(CaseRun run, BenchResult row, OperationCost cost, PeakMeter meter, CancellationToken cancellation)
    {
        row = row with { Plan = run.Plan.Description, WorkspaceBytes = run.Plan.WorkspaceBytes };
        run.Launch(cancellation: cancellation);
        ToleranceVerdict before = run.Check();
        if (!before.Passed) return row with { WorstError = before.WorstError, Allowed = before.Allowed, Reason = before.Reason };

        using var work = new CaseWork(run);
        var passes = new List<double>();
        TimingResult timing = new SampleTimer(options.Timing, clock).Measure(work, () => passes.Add(meter.FlopsPass(cancellation)), cancellation);
        ToleranceVerdict after = run.Check();
        if (!after.Passed) return row with { WorstError = after.WorstError, Allowed = after.Allowed, Reason = $"after {timing.Samples.Count} samples: {after.Reason}" };

        SampleStatistics host = timing.Host;
        double gflops = cost.Flops / host.Median * 1e-9;

        // The upper quartile: a pass that was disturbed reads low, and a share of it would flatter.
        double peak = SampleStatistics.Of([.. passes]).ThirdQuartile * 1e-9;
        return row with
        {
            Status = StatusNames.Pass,
            MedianS = host.Median,
            Gflops = gflops,
            PeakGflops = peak,
            PeakShare = gflops / peak,
            GbytesPerS = cost.MinimumBytes / host.Median * 1e-9,
            DeviceMedianS = timing.Device?.Median,
            MinS = host.Minimum,
            Q1S = host.FirstQuartile,
            Q3S = host.ThirdQuartile,
            RelativeNoise = host.RelativeNoise,
            Batch = timing.Batch,
            Stop = timing.Stop switch { StopReason.Quiet => "quiet", StopReason.TimeOut => "time_out", _ => "enough_samples" },
            SamplesS = timing.Samples,
            DeviceSamplesS = timing.DeviceSamples,
            WorstError = Math.Max(before.WorstError, after.WorstError),
            Allowed = after.Allowed,
        };
    }

    private string? TooSlow(OperationCost cost, DevicePeaks peaks)
    {
        if (request.Selection.Implementations.Count > 0) return null;
        double seconds = cost.Flops / (peaks.Gflops * 1e9 * BenchOptions.BaselineShare);
        return seconds <= options.BaselineLimitSeconds ? null
            : $"a baseline, and one launch could take {seconds:F0} s; ask for it with --implementation";
    }
}
