using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring;

/// <summary>From arrays and option texts to problems.</summary>
internal static class ScoringBinding
{
    public static MomentsProblem BindMoments(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(options);
        (ScoringShape shape, DType dtype) = Products(inputs);
        CheckLse(inputs, shape);
        bool hasLengths = CheckLengths(inputs, shape);
        var settings = new MomentsOptions
        {
            Scale = (float?)options.Real("scale"),
            SoftCap = (float)(options.Real("softcap") ?? 0),
            Gamma = (float)(options.Real("gamma") ?? MomentsOptions.Default.Gamma),
            KurtosisFloor = (float)(options.Real("kurtosis-floor") ?? MomentsOptions.Default.KurtosisFloor),
            PoolTaps = options.Integer("pool") ?? MomentsOptions.Default.PoolTaps,
        };
        return new MomentsProblem(shape, dtype, settings, MomentsOutputs.All, hasKvLengths: hasLengths);
    }

    public static ScoresProblem BindScores(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(options);
        var settings = new ScoresOptions
        {
            Causal = !options.Flag("full"),
            Scale = (float?)options.Real("scale"),
            SoftCap = (float)(options.Real("softcap") ?? 0),
            PoolTaps = options.Integer("pool") ?? ScoresOptions.Default.PoolTaps,
            Decay = (float)(options.Real("decay") ?? ScoresOptions.Default.Decay),
        };
        bool fromLogits = inputs.ContainsKey("logits");
        if (fromLogits && (inputs.ContainsKey("q") || inputs.ContainsKey("k")))
            throw new ArgumentException("'logits' is given together with q or k. Expected either logits, or q and k.", "logits");
        (ScoringShape shape, DType dtype) = fromLogits ? (LogitShape(inputs, options), DType.Float32) : Products(inputs);
        CheckLse(inputs, shape);
        var present = ScoresOperands.None;
        if (CheckLengths(inputs, shape)) present |= ScoresOperands.KvLengths;
        if (inputs.TryGetValue("previous", out HostArray? previous))
        {
            CheckArray(previous, "previous", [shape.Batch, shape.KvHeads, shape.KvLength], "[B, Hk, N]");
            present |= ScoresOperands.Previous;
        }

        if (options.Flag("per-head")) present |= ScoresOperands.ColumnSums | ScoresOperands.ColumnSquares;
        return fromLogits ? ScoresProblem.FromAttentionLogits(shape, settings, present) : ScoresProblem.FromQueries(shape, dtype, settings, present);
    }

    private static (ScoringShape Shape, DType DType) Products(IReadOnlyDictionary<string, HostArray> inputs)
    {
        HostArray q = Tensor(inputs, "q", "[B, Hq, Nq, D]");
        HostArray k = Tensor(inputs, "k", "[B, Hk, N, D]");
        if (k.DType != q.DType) throw new ArgumentException($"'k' is {k.DType.Name()} but q is {q.DType.Name()}. Expected one dtype for q and k.", "k");
        if (k.Shape[0] != q.Shape[0]) throw new ArgumentException($"Dimension 0 of 'k' is {k.Shape[0]}. Expected {q.Shape[0]} (B, as in q).", "k");
        if (k.Shape[3] != q.Shape[3]) throw new ArgumentException($"Dimension 3 of 'k' is {k.Shape[3]}. Expected {q.Shape[3]} (D, as in q).", "k");
        return (new ScoringShape(Extent(q, 0), Extent(q, 1), Extent(k, 1), Extent(q, 2), Extent(k, 2), Extent(q, 3)), q.DType);
    }

    private static ScoringShape LogitShape(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options)
    {
        HostArray logits = Tensor(inputs, "logits", "[B, Hq, Nq, N]");
        if (logits.DType != DType.Float32) throw new ArgumentException($"'logits' is {logits.DType.Name()}. Expected float32.", "logits");
        return new ScoringShape(Extent(logits, 0), Extent(logits, 1), options.Integer("kv-heads") ?? Extent(logits, 1), Extent(logits, 2), Extent(logits, 3));
    }

    private static HostArray Tensor(IReadOnlyDictionary<string, HostArray> inputs, string name, string form)
    {
        if (!inputs.TryGetValue(name, out HostArray? array))
            throw new ArgumentException($"'{name}' is missing. Expected an array of shape {form}.", name);
        if (array.Shape.Length != 4)
            throw new ArgumentException($"'{name}' has shape [{string.Join(", ", array.Shape)}]. Expected four dimensions {form}.", name);
        return array;
    }

    private static int Extent(HostArray array, int dimension) => array.Shape[dimension] <= int.MaxValue
        ? (int)array.Shape[dimension]
        : throw new ArgumentException($"Dimension {dimension} is {array.Shape[dimension]}. Expected at most {int.MaxValue}.");

    private static void CheckLse(IReadOnlyDictionary<string, HostArray> inputs, ScoringShape shape)
    {
        if (!inputs.TryGetValue("lse", out HostArray? lse)) throw new ArgumentException("'lse' is missing. Expected float32 of shape [B, Hq, Nq].", "lse");
        CheckArray(lse, "lse", [shape.Batch, shape.QueryHeads, shape.QueryLength], "[B, Hq, Nq]");
    }

    private static void CheckArray(HostArray array, string name, ReadOnlySpan<long> expected, string form)
    {
        if (array.DType == DType.Float32 && array.Shape.AsSpan().SequenceEqual(expected)) return;
        throw new ArgumentException(
            $"'{name}' is {array.DType.Name()} of shape [{string.Join(", ", array.Shape)}]. Expected float32 of shape [{string.Join(", ", expected.ToArray())}] ({form}).", name);
    }

    private static bool CheckLengths(IReadOnlyDictionary<string, HostArray> inputs, ScoringShape shape)
    {
        if (!inputs.TryGetValue("kv_lengths", out HostArray? lengths)) return false;
        if (lengths.DType != DType.Int32 || lengths.Shape.Length != 1 || lengths.Shape[0] != shape.Batch)
            throw new ArgumentException($"'kv_lengths' is {lengths.DType.Name()} of shape [{string.Join(", ", lengths.Shape)}]. Expected int32 of shape [{shape.Batch}].", "kv_lengths");
        foreach (int length in lengths.AsSpan<int>())
        {
            if (length < 0 || length > shape.KvLength)
                throw new ArgumentException($"'kv_lengths' holds {length}. Expected 0 to N = {shape.KvLength}.", "kv_lengths");
        }

        return true;
    }
}
