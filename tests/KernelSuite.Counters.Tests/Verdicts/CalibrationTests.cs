using System.Globalization;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;
using Xunit;
using Xunit.Abstractions;

namespace KernelSuite.Counters.Tests.Verdicts;

/// <summary>
/// How often each method refutes a true model and a wrong one, by simulation of multiplexed measurements. Few trials with fixed seeds, or as many as
/// KSUITE_CALIBRATION_TRIALS says: docs/counters/verdicts.md has the table of a long run.
/// </summary>
public class CalibrationTests(ITestOutputHelper output)
{
    private static readonly int? Long = int.TryParse(Environment.GetEnvironmentVariable("KSUITE_CALIBRATION_TRIALS"), out int trials) ? trials : null;

    /// <summary>Refutations of a true model: at most 1.5 times as many as the confidence allows.</summary>
    [Theory]
    [InlineData(0, 200)]
    [InlineData(.9, 200)]
    [InlineData(.98, 200)]
    [InlineData(.999, 200)]
    [InlineData(.9995, 200)]
    [InlineData(.98, 200, .3)]
    [InlineData(.98, 1000)]
    public void A_true_model_is_refuted_no_more_than_half_again_as_often_as_nominal(double follow, int samples, double taken = 1)
    {
        int trials = Long ?? (samples > 200 ? 5 : 40);
        var tally = new RefutationTally(.99, .95);
        for (int trial = 0; trial < trials; trial++)
            tally.Add(new Multiplexing(Seed(trial, follow)) { Follow = follow, Taken = taken }.Observe(samples, [0, 1, 2, 3, 4, 5]));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"model true, phases {follow}, paths {taken}, n = {samples}: {tally}"));
        foreach (double confidence in tally.Confidences)
        {
            // Of few trials, as many as 1.5 times nominal gives by chance once in a hundred runs.
            int most = RefutationTally.Most(trials, 1.5 * (1 - confidence), Long is null ? .99 : .5);
            foreach (string method in tally.Methods)
                Assert.True(tally[method, confidence] <= most, $"{method} at {confidence}: {tally[method, confidence]} of {trials}, at most {most}");
        }
    }

    /// <summary>Refutations of a wrong model, by the share that its most easily broken row is exceeded by.</summary>
    [Theory]
    [InlineData(.01, 200)]
    [InlineData(.02, 200)]
    [InlineData(.05, 200)]
    [InlineData(.1, 200)]
    [InlineData(.3, 200)]
    [InlineData(.05, 1000)]
    public void Power_grows_from_independent_boxes_to_the_conditional_test(double excess, int samples)
    {
        int trials = Long ?? (samples > 200 ? 5 : excess > .02 ? 10 : 40);
        var tally = new RefutationTally(.99);
        for (int trial = 0; trial < trials; trial++)
            tally.Add(new Multiplexing(Seed(trial, excess), excess).Observe(samples, [0, 1, 2, 3, 4, 5]));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"exceeded by {excess:P0}, n = {samples}: {tally}"));
        int Of(VerdictMethod method) => tally[method.ToString(), .99];
        Assert.True(Of(VerdictMethod.Box) <= Of(VerdictMethod.PcaBox), "boxes");
        Assert.True(Of(VerdictMethod.PcaBox) <= Of(VerdictMethod.SidakBox), "boxes along principal directions");
        Assert.True(Of(VerdictMethod.SidakBox) <= Of(VerdictMethod.Conditional), "the distance");
        Assert.True(Of(VerdictMethod.Box) < Of(VerdictMethod.Conditional), "correlation has to be worth something");

        // Where none refutes all or nothing, each step is worth something.
        if (excess == .02) Assert.True(Of(VerdictMethod.Box) < Of(VerdictMethod.PcaBox) && Of(VerdictMethod.PcaBox) < Of(VerdictMethod.SidakBox));
    }

    /// <summary>
    /// A program whose period is one rotation of the groups: in a fixed order a true model is refuted; with the order shuffled in each interval it
    /// is not; and runs that have an order each contradict each other, which the verdict says.
    /// </summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(.01, .2)]
    [InlineData(.05, .8)]
    public void A_period_locked_to_the_rotation_refutes_true_models_unless_groups_are_shuffled(double amplitude, double share)
    {
        const int Runs = 4, Samples = 200;
        int trials = Long is { } many ? Math.Max(many / 4, 1) : 6, refuted = 0, shuffledRefuted = 0, runsRefuted = 0, locked = 0;
        for (int trial = 0; trial < trials; trial++)
        {
            var test = new ConeTest(Multiplexing.Model);
            Multiplexing program = new(Seed(trial, amplitude)) { Locked = amplitude };
            if (test.Check(program.Observe(Samples, [0, 1, 2, 3, 4, 5])).Verdict == Verdict.Refuted) refuted++;
            if (test.Check(program.Observe(Samples, null)).Verdict == Verdict.Refuted) shuffledRefuted++;
            VerdictResult result = test.CheckRuns([.. Enumerable.Range(0, Runs).Select(r =>
                program.Observe(Samples, program.Shuffled(), $"run {r}"))]);
            if (result.Verdict == Verdict.Refuted) runsRefuted++;
            if (result.Warnings.Any(w => w.Kind == WarningKind.RotationLock)) locked++;
        }

        output.WriteLine($"period of amplitude {amplitude:P0}, {trials} trials: {refuted} refuted in fixed order, {shuffledRefuted} with each " +
            $"interval shuffled; of {Runs} runs in an order each {runsRefuted} refuted, {locked} found locked");
        int chance = RefutationTally.Most(trials, .03, .99);
        Assert.True(amplitude == 0 ? refuted <= chance : refuted >= share * trials, $"{refuted} refuted in fixed order");
        Assert.True(shuffledRefuted <= chance, $"{shuffledRefuted} refuted with each interval shuffled");
        Assert.True(runsRefuted <= chance, $"{runsRefuted} refuted by runs in an order each");
        Assert.True(amplitude == 0 ? locked <= chance : locked >= share * trials, $"{locked} found locked");
    }

    private static int Seed(int trial, double setting) => 1000 + trial + (int)(setting * 1e6) % 7919 * 10_000;
}
