namespace KernelSuite.Counters.Inputs;

/// <summary>
/// One value of <c>perf stat</c> with the time its counter ran. perf prints values already scaled by enabled / running time; both can be taken
/// back.
/// </summary>
/// <param name="Value">The scaled value.</param>
/// <param name="RunNanoseconds">The time the counter ran.</param>
/// <param name="RunningPercent">The share of the enabled time that it ran, in percent.</param>
public readonly record struct PerfCount(double Value, double RunNanoseconds, double RunningPercent)
{
    /// <summary>The time for which the counter was asked, run * 100 / percent; NaN where it did not run.</summary>
    public double EnabledNanoseconds => RunningPercent > 0 ? RunNanoseconds * 100 / RunningPercent : double.NaN;

    /// <summary>What the counter itself showed, value * percent / 100.</summary>
    public double RawValue => Value * RunningPercent / 100;
}
