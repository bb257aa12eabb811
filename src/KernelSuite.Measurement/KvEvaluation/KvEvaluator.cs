using KernelSuite.KvCache;
using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>
/// Judges cache policies on a model at equal bytes: every policy gets the same sequences with the same budgets, of which 100 % is what <c>full</c> holds of that sequence, tables and all.
/// </summary>
/// <param name="catalog">The devices.</param>
/// <param name="device">The one that holds the caches and attends.</param>
/// <param name="options">What to compare.</param>
public sealed class KvEvaluator(DeviceCatalog catalog, DeviceInfo device, KvEvaluationOptions options)
{
    /// <summary>Longest recall prompt with its answer, in characters.</summary>
    public const int MaxSequenceBytes = 1 << 20;

    /// <summary>Runs the evaluation.</summary>
    /// <param name="progress">Told before every policy and budget.</param>
    /// <param name="cancellation">Checked at every token.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="FormatException">The model is malformed (<see cref="KernelSuite.KvCache.Decoding.ModelFormatException"/>).</exception>
    /// <exception cref="NotSupportedException">The model's tokens are not bytes.</exception>
    /// <exception cref="IOException">The model cannot be read.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public KvEvaluationReport Run(IProgress<SuiteProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var context = RunContext.Capture(options.Command, options.Seed);
        using var model = new KvModel(catalog, device, options.ModelDirectory, cancellation);
        var runner = new KvSequenceRunner(model.Decoder, model.Device, options.DType);
        KvSequence[] sequences = Sequences();

        (KvPolicy Policy, KvBudget Budget)[] pairs =
        [
            (options.Policies.OfType<FullPolicy>().FirstOrDefault() ?? new FullPolicy(), KvBudget.Full),
            .. options.Budgets.SelectMany(budget => options.Policies.Where(p => p is not FullPolicy).Select(policy => (policy, budget))),
        ];
        var runs = new List<KvRun>();
        var refused = new List<KvRefusal>();
        for (int i = 0; i < pairs.Length; i++)
        {
            (KvPolicy policy, KvBudget budget) = pairs[i];
            progress?.Report(new SuiteProgress(i, pairs.Length, $"{policy.Name} at {budget}"));
            try
            {
                runs.Add(new KvRun(policy.Name, budget.Text, sequences, [.. sequences.Select(s => runner.Run(policy, budget, s, cancellation))]));
            }
            catch (KvCacheBudgetException error)
            {
                refused.Add(new KvRefusal(policy.Name, budget.Text, error.Message));
            }
        }

        var comparer = new KvComparer(runs, options.Resamples, options.Seed);
        var tasks = new KvTaskRecord(
            sequences.Count(s => s.IsRecall), sequences.Count(s => !s.IsRecall), options.Text.IsEmpty ? 0 : options.PrefillBytes, options.Text.IsEmpty ? 0 : options.ScoredBytes, options.Resamples);
        return new KvEvaluationReport(
            context, DeviceRecord.Of(device), model.Describe(options.ModelDirectory, options.DType), tasks, [.. runs.Select(r => r.Result())], [.. runs.SelectMany(r => r.Layers())],
            [.. runs.SelectMany(r => r.Bytes())], comparer.Retained(), comparer.Comparisons(), refused);
    }

    private KvSequence[] Sequences()
    {
        IEnumerable<KvSequence> recall = options.Recall.Select(KvSequence.Of);
        return options.Text.IsEmpty ? [.. recall] : [.. recall, .. KvSequence.Windows(options.Text, options.Windows, options.PrefillBytes, options.ScoredBytes)];
    }
}
