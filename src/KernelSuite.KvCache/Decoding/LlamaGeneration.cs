namespace KernelSuite.KvCache.Decoding;

/// <summary>Generation on top of <see cref="LlamaDecoder.Forward"/>.</summary>
public static class LlamaGeneration
{
    /// <summary>
    /// Prefills a prompt in one call and generates behind it. The last token chosen is not fed back: the cache ends with the one before it, so that a
    /// caller may go on with a prompt that begins with that token.
    /// </summary>
    /// <param name="decoder">The model.</param>
    /// <param name="cache">The sequence so far, often empty.</param>
    /// <param name="prompt">1 or more tokens.</param>
    /// <param name="options">Length, temperature, stops; null for the defaults.</param>
    /// <param name="cancellation">Checked between tokens; what was chosen so far has been given to <see cref="GenerationOptions.OnToken"/>.</param>
    /// <exception cref="ArgumentException">An option or the prompt does not fit; names it.</exception>
    /// <exception cref="InvalidOperationException">The model gave NaN.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static GenerationResult Generate(
        this LlamaDecoder decoder, IKvCache cache, ReadOnlySpan<int> prompt, GenerationOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        options ??= new GenerationOptions();
        options.Validate();
        var sampler = new TokenSampler(options.Temperature, options.Seed);
        var tokens = new List<int>();
        float[] logits = new float[decoder.Config.VocabularySize];
        cancellation.ThrowIfCancellationRequested();
        decoder.Forward(cache, prompt, logits);
        while (tokens.Count < options.MaxTokens)
        {
            cancellation.ThrowIfCancellationRequested();
            int token = sampler.Next(logits);
            tokens.Add(token);
            options.OnToken?.Invoke(token);
            if (EndsWithStop(tokens, options.Stops)) return new GenerationResult(tokens, GenerationEnd.Stop);
            if (tokens.Count < options.MaxTokens) decoder.Forward(cache, [token], logits);
        }

        return new GenerationResult(tokens, GenerationEnd.MaxTokens);
    }

    private static bool EndsWithStop(List<int> tokens, IReadOnlyList<IReadOnlyList<int>> stops)
    {
        foreach (IReadOnlyList<int> stop in stops)
        {
            int start = tokens.Count - stop.Count, i = 0;
            if (start < 0) continue;
            while (i < stop.Count && tokens[start + i] == stop[i]) i++;
            if (i == stop.Count) return true;
        }

        return false;
    }
}
