using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Verdicts;

/// <summary>What is tested together: an observation, or the runs of one with shuffled counter groups, whose samples are pooled once.</summary>
internal sealed class TestedRuns
{
    /// <summary>Takes runs of the same counters.</summary>
    /// <exception cref="ArgumentException">There is no run, or the counters differ.</exception>
    public TestedRuns(IReadOnlyList<Observation> runs)
    {
        if (runs.Count == 0) throw new ArgumentException("There are no runs. Expected at least one.", nameof(runs));
        Runs = runs;
        if (runs.Count == 1) return;
        SampleMoments all = runs[0].Moments.Clone();
        foreach (Observation run in runs.Skip(1))
        {
            if (!run.Counters.Equals(runs[0].Counters))
                throw new ArgumentException($"Runs '{runs[0].Group}' and '{run.Group}' of '{run.Id}' have different counters. " +
                    "Expected the same in all runs.", nameof(runs));
            all.Merge(run.Moments);
        }

        Pooled = new Observation(runs[0].Id, runs[0].Counters, all.Freeze(), null) { Dropped = runs.Sum(run => run.Dropped) }.WithWarnings();
    }

    /// <summary>The runs.</summary>
    public IReadOnlyList<Observation> Runs { get; }

    /// <summary>All runs as one; null where there is one run.</summary>
    public Observation? Pooled { get; }

    /// <summary>The counters of every run.</summary>
    public CounterSet Counters => Runs[0].Counters;

    /// <summary>Observations that a verdict needs the distance of.</summary>
    public IEnumerable<Observation> Distances => Pooled is null ? Runs : Runs.Append(Pooled);
}
