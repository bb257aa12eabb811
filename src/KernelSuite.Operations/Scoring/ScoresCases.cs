using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring;

/// <summary>Named cases of attention_scores: both forms, every option, sizes around every edge; and the shapes that are timed.</summary>
internal static class ScoresCases
{
    private const ScoresOperands PerHead = ScoresOperands.ColumnSums | ScoresOperands.ColumnSquares;

    public static IReadOnlyList<OperationCase> All { get; } = [.. AttentionOperation.StorageTypes.SelectMany(Products), .. Logits()];

    private static IEnumerable<OperationCase> Products(DType dtype)
    {
        OperationCase Validate(
            string name, ScoringShape shape, ScoresOptions? options = null, string inputs = ScoringInputs.Normal,
            ScoresOperands operands = PerHead, TensorStrides? q = null, TensorStrides? k = null, long? scoreRow = null)
        {
            if (inputs == ScoringInputs.Ragged) operands |= ScoresOperands.KvLengths;
            return new(name, ScoresProblem.FromQueries(shape, dtype, options, operands, q, k, scoreRow), inputs, CaseSuite.Validate);
        }

        OperationCase Bench(string name, ScoringShape shape) =>
            new(name, ScoresProblem.FromQueries(shape, dtype), ScoringInputs.Normal, CaseSuite.Bench);

        ScoresOptions full = new() { Causal = false };
        yield return Validate("one", new(1, 1, 1, 1, 1, 1));
        yield return Validate("one-row", new(1, 4, 2, 1, 77, 64));
        yield return Validate("one-key", new(1, 4, 2, 9, 1, 64), full);
        foreach (int keys in (int[])[63, 64, 65, 95, 97, 129, 257]) yield return Validate($"square-{keys}", new(1, 2, 1, keys, keys, 64));
        foreach (int rows in (int[])[2, 5, 31, 32, 33, 64, 97]) yield return Validate($"rows-{rows}", new(1, 4, 2, rows, 131, 32));
        yield return Validate("more-rows-than-keys", new(1, 2, 2, 129, 33, 64));
        yield return Validate("primes-d127", new(2, 3, 1, 113, 211, 127));
        foreach (int dim in (int[])[1, 7, 256]) yield return Validate($"d{dim}", new(1, 2, 1, 40, 71, dim));
        foreach (int group in (int[])[3, 8]) yield return Validate($"group-{group}", new(1, 2 * group, 2, 37, 71, 32));
        yield return Validate("full", new(1, 4, 2, 37, 171, 64), full);
        yield return Validate("no-row", new(1, 2, 2, 0, 33, 64), operands: PerHead | ScoresOperands.Previous);
        yield return Validate("no-key", new(2, 2, 2, 5, 0, 64));
        yield return Validate("no-batch", new(0, 2, 2, 5, 7, 64));
        yield return Validate("only-score", new(2, 4, 2, 33, 133, 64), operands: ScoresOperands.None);
        yield return Validate("snapkv-pool-7", new(1, 4, 2, 32, 200, 64), new() { PoolTaps = 7 });
        yield return Validate("accumulate", new(2, 4, 2, 5, 200, 64), operands: PerHead | ScoresOperands.Previous);
        yield return Validate("decay-pool-strided", new(2, 4, 2, 5, 200, 64), new() { PoolTaps = 5, Decay = 0.75f }, operands: ScoresOperands.Previous, scoreRow: 211);
        yield return Validate("softcap-5", new(1, 2, 2, 83, 83, 64), new() { SoftCap = 5 });
        yield return Validate("scale-0", new(1, 2, 2, 31, 43, 64), new() { Scale = 0 });
        yield return Validate("scale-negative", new(1, 2, 2, 31, 43, 64), new() { Scale = -0.125f });
        yield return Validate("logits-100", new(1, 2, 2, 203, 203, 64), null, ScoringInputs.ExtremeLogits);
        yield return Validate("logits-100-full", new(1, 2, 2, 75, 203, 64), full, ScoringInputs.ExtremeLogits);
        yield return Validate("ties", new(1, 2, 2, 35, 203, 64), null, ScoringInputs.Ties);
        yield return Validate("padding", new(7, 4, 2, 35, 203, 64), new() { PoolTaps = 3 }, ScoringInputs.Ragged, PerHead | ScoresOperands.Previous);
        yield return Validate("padding-full", new(7, 2, 1, 35, 130, 64), full, ScoringInputs.Ragged);
        yield return Validate("layout-bnhd", new(2, 4, 2, 50, 61, 64), q: TensorStrides.TokenMajor(4, 50, 64), k: TensorStrides.TokenMajor(2, 61, 64));
        yield return Validate("layout-gaps", new(2, 4, 2, 50, 61, 40), q: new((4 * 50 * 47) + 9, 50 * 47, 47), k: new((2 * 61 * 53) + 5, 61 * 53, 53));

        foreach (int keys in (int[])[2048, 4096, 8192]) yield return Bench($"last32-b1h32-8n{keys}d128", new(1, 32, 8, 32, keys, 128));
        yield return Bench("all-b1h8n2048d128", new(1, 8, 8, 2048, 2048, 128));
        yield return Bench("all-b1h32-8n2048d128", new(1, 32, 8, 2048, 2048, 128));
    }

    private static IEnumerable<OperationCase> Logits()
    {
        OperationCase Validate(
            string name, ScoringShape shape, ScoresOptions? options = null, string inputs = ScoringInputs.Normal,
            ScoresOperands operands = PerHead, TensorStrides? logits = null, long? scoreRow = null)
        {
            if (inputs == ScoringInputs.Ragged) operands |= ScoresOperands.KvLengths;
            return new($"logits-{name}", ScoresProblem.FromAttentionLogits(shape, options, operands, logits, scoreRow), inputs, CaseSuite.Validate);
        }

        yield return Validate("one", new(1, 1, 1, 1, 1));
        yield return Validate("decode", new(2, 8, 2, 1, 1300), operands: ScoresOperands.Previous);
        yield return Validate("rows-5", new(2, 6, 2, 5, 131));
        yield return Validate("masked-rows", new(1, 2, 1, 40, 7));
        yield return Validate("no-row", new(1, 2, 2, 0, 33), operands: PerHead | ScoresOperands.Previous);
        yield return Validate("no-key", new(1, 2, 2, 3, 0));
        yield return Validate("extreme", new(1, 4, 2, 3, 333), null, ScoringInputs.ExtremeLogits);
        yield return Validate("padding", new(7, 4, 2, 3, 1100), new() { PoolTaps = 5, Decay = 0.5f }, ScoringInputs.Ragged, PerHead | ScoresOperands.Previous);
        yield return Validate("part-of-row", new(2, 4, 2, 2, 90), logits: new(4 * 2 * 150, 2 * 150, 150), scoreRow: 150);
        yield return new(
            "logits-b1h32-8n8192", ScoresProblem.FromAttentionLogits(new(1, 32, 8, 1, 8192), operands: ScoresOperands.Previous), ScoringInputs.Normal, CaseSuite.Bench);
    }
}
