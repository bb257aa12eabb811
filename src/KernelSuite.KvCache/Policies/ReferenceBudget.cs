namespace KernelSuite.KvCache;

/// <summary>The token budgets of ARKV's released code, quirks included.</summary>
public static class ReferenceBudget
{
    /// <summary>
    /// O_l: originals of a layer that are not in the window. clip(round(r * (C - W)), 0, min(C - W, max(L - W, 0))), rounding halves to even. Capped by
    /// the prompt's length, so that a short prompt leaves few originals however long the answer becomes.
    /// </summary>
    /// <param name="ratio">r_l; where all layers' scores are 0 pass 1.</param>
    /// <param name="capacity">C, tokens of a layer, window included.</param>
    /// <param name="window">W.</param>
    /// <param name="promptLength">L.</param>
    public static int Originals(double ratio, int capacity, int window, int promptLength)
    {
        int past = capacity - window;
        return Math.Clamp((int)Math.Round(ratio * past, MidpointRounding.ToEven), 0, Math.Min(past, Math.Max(promptLength - window, 0)));
    }

    /// <summary>What a purge keeps of R = T - W tokens: floor(3R/4), of which min(max(O_l - W, 0), keep) in full. W is subtracted a second time here.</summary>
    /// <param name="tokens">T, tokens that the layer holds.</param>
    /// <param name="window">W.</param>
    /// <param name="originals">O_l.</param>
    public static PurgeCounts Purge(int tokens, int window, int originals)
    {
        int past = tokens - window;
        int keep = (int)(0.75 * past);
        int original = Math.Min(Math.Max(originals - window, 0), keep);
        return new PurgeCounts(past, keep, original, keep - original, past - keep);
    }
}

/// <summary>Counts of a purge, the window not included.</summary>
/// <param name="Past">R, tokens that were judged.</param>
/// <param name="Keep">Tokens kept.</param>
/// <param name="Original">Of these in full.</param>
/// <param name="Quantised">Of these quantised.</param>
/// <param name="Evicted">Tokens dropped.</param>
public readonly record struct PurgeCounts(int Past, int Keep, int Original, int Quantised, int Evicted);
