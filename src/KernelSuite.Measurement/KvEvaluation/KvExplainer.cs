using KernelSuite.KvCache;
using KernelSuite.KvCache.Decoding;
using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>Shows what a policy measures of a text's attention and how it divides its budget.</summary>
public static class KvExplainer
{
    /// <summary>Prefills a text into a cache and describes it.</summary>
    /// <param name="catalog">The devices.</param>
    /// <param name="device">The one that holds the cache and attends.</param>
    /// <param name="options">Model, text, policy, budget.</param>
    /// <param name="cancellation">Checked while the model is read.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="FormatException">The model is malformed.</exception>
    /// <exception cref="NotSupportedException">The model's tokens are not bytes.</exception>
    /// <exception cref="KvCacheBudgetException">The budget is too small for the policy.</exception>
    public static KvExplainReport Explain(DeviceCatalog catalog, DeviceInfo device, KvExplainOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var context = RunContext.Capture(options.Command, Validator.DefaultSeed);
        using var model = new KvModel(catalog, device, options.ModelDirectory, cancellation);
        int[] tokens = ByteTokenizer.Encode(options.Text.Span[..Math.Min(options.Text.Length, options.MaxTokens)]);
        KvCacheShape shape = model.Decoder.Config.CacheShape(options.DType);
        long full = TriStateKvCache.BytesFor(model.Device, shape, new FullPolicy(), tokens.Length);
        long budget = options.Budget.Of(full);
        using var cache = new TriStateKvCache(model.Device, shape, options.Policy, budget);
        model.Decoder.Forward(cache, tokens, [], LogitRows.None);
        KvAccount account = cache.Account;
        return new KvExplainReport(
            context, DeviceRecord.Of(device), model.Describe(options.ModelDirectory, options.DType), options.Policy.Name, options.Budget.Text, tokens.Length, full, budget,
            account.BytesHeld, [.. account.Layers.Select((held, layer) => Layer(layer, held, cache.Statistics.FirstOrDefault(s => s.Layer == layer)))]);
    }

    private static KvExplainedLayer Layer(int layer, KvLayerAccount held, KvLayerStatistics? s) => new(
        layer, s?.Entropy ?? double.NaN, s?.Variance ?? double.NaN, s?.Kurtosis ?? double.NaN, s?.OqScore ?? double.NaN, s?.Ratio ?? double.NaN, s?.BudgetBytes ?? 0,
        s?.OriginalBudget ?? 0, s?.QuantisedBudget ?? 0, held.Original, held.Quantised, held.Evicted);
}
