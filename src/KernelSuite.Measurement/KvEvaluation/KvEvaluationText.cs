using System.Globalization;

namespace KernelSuite.Measurement;

/// <summary>Evaluations and explanations as tables.</summary>
public static class KvEvaluationText
{
    /// <summary>One row a policy and budget.</summary>
    public static TextTable Results(KvEvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var table = new TextTable(
            new TextColumn("policy"), new TextColumn("budget", true), new TextColumn("held", true), new TextColumn("bits/byte", true), new TextColumn("recall %", true),
            new TextColumn("digits %", true), new TextColumn("of full %", true), new TextColumn("full/quant/evict", true), new TextColumn("purges", true), new TextColumn("ms/tok", true));
        foreach (KvResult r in report.Results)
        {
            KvRetention? kept = report.Retained.FirstOrDefault(k => k.Policy == r.Policy && k.Budget == r.Budget);
            table.Add(
                r.Policy, r.Budget, Quantity.Bytes(r.BytesHeld), Fixed(r.BitsPerByte, "F4"), Quantity.Percent(r.Recall), Quantity.Percent(r.RecallDigits),
                kept is null ? Quantity.None : $"{Quantity.Percent(kept.Digits)} [{Quantity.Percent(kept.Low)},{Quantity.Percent(kept.High)}]", $"{Fixed(r.TokensOriginal, "F0")}/{Fixed(r.TokensQuantised, "F0")}/{Fixed(r.TokensEvicted, "F0")}",
                r.Purges.ToString(CultureInfo.InvariantCulture), Fixed(r.MsPerToken, "F2"));
        }

        return table;
    }

    /// <summary>One row a policy, budget and layer.</summary>
    public static TextTable Layers(KvEvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var table = new TextTable(
            new TextColumn("policy"), new TextColumn("budget", true), new TextColumn("layer", true), new TextColumn("original", true), new TextColumn("quantised", true), new TextColumn("evicted", true));
        foreach (KvLayerResult l in report.Layers)
            table.Add(l.Policy, l.Budget, l.Layer.ToString(CultureInfo.InvariantCulture), Fixed(l.TokensOriginal, "F1"), Fixed(l.TokensQuantised, "F1"), Fixed(l.TokensEvicted, "F1"));
        return table;
    }

    /// <summary>The paired differences between policies at the same budget.</summary>
    public static TextTable Differences(KvEvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var table = new TextTable(
            new TextColumn("budget", true), new TextColumn("policy"), new TextColumn("minus"), new TextColumn("metric"), new TextColumn("difference", true),
            new TextColumn("95 % interval", true), new TextColumn("p", true));
        foreach (KvComparison c in report.Comparisons.Where(c => c.Budget == c.AgainstBudget && c.Against != "full"))
        {
            string form = c.Metric == "bits_per_byte" ? "+0.0000;-0.0000;0" : "+0.0;-0.0;0";
            table.Add(
                c.Budget, c.Policy, c.Against, c.Metric == "bits_per_byte" ? "bits/byte" : $"{c.Metric}, points", Fixed(c.Difference, form), $"[{Fixed(c.Low, form)}, {Fixed(c.High, form)}]",
                Quantity.Error(c.PValue));
        }

        return table;
    }

    /// <summary>What stands below the tables.</summary>
    public static IEnumerable<string> Notes(KvEvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        KvModelRecord m = report.Model;
        KvTaskRecord t = report.Tasks;
        yield return $"{m.Directory}: {m.Layers} layers, {m.QueryHeads} query heads on {m.KvHeads} KV heads of {m.HeadDim}, {m.Dtype}, {Quantity.Bytes(m.BytesPerToken)} a token in full; on {report.Device.Id}";
        if (t.RecallPrompts > 0) yield return $"recall: {t.RecallPrompts} prompts, compressed at the end of the prompt; 95 % intervals by bootstrap over prompts, {t.Resamples} resamples";
        if (t.TextWindows > 0) yield return $"bits per byte: {t.TextWindows} windows, {t.PrefillBytes} bytes prefilled, the next {t.ScoredBytes} fed one by one and scored";
        KvByteRecord widest = report.Bytes.MaxBy(b => b.LargestShare)!;
        yield return $"bytes held: means from the buffers; the largest share of a budget ever held was {Quantity.Percent(widest.LargestShare)} % ({widest.Policy} at {widest.Budget}). 100 % is what full holds of the same sequence";
        foreach (KvRefusal refusal in report.Refused) yield return $"{refusal.Policy} at {refusal.Budget} did not run: {refusal.Reason}";
    }

    /// <summary>One row a layer.</summary>
    public static TextTable Explain(KvExplainReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var table = new TextTable(
            new TextColumn("layer", true), new TextColumn("entropy", true), new TextColumn("variance", true), new TextColumn("kurtosis", true), new TextColumn("OQ score", true),
            new TextColumn("ratio", true), new TextColumn("budget", true), new TextColumn("original<=", true), new TextColumn("quantised<=", true), new TextColumn("original", true),
            new TextColumn("quantised", true), new TextColumn("evicted", true));
        foreach (KvExplainedLayer l in report.Layers)
        {
            table.Add(
                l.Layer.ToString(CultureInfo.InvariantCulture), Fixed(l.Entropy, "G5"), Fixed(l.Variance, "G5"), Fixed(l.Kurtosis, "G5"), Fixed(l.OqScore, "F3"), Fixed(l.Ratio, "F3"),
                Quantity.Bytes(l.BudgetBytes), l.OriginalBudget.ToString(CultureInfo.InvariantCulture), l.QuantisedBudget.ToString(CultureInfo.InvariantCulture),
                Fixed(l.TokensOriginal, "F1"), Fixed(l.TokensQuantised, "F1"), Fixed(l.TokensEvicted, "F1"));
        }

        return table;
    }

    private static string Fixed(double value, string format) => double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : Quantity.None;
}
