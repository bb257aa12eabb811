using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring;

/// <summary>Named cases of attention_moments: windows and pasts around every edge, every option, every layout; and the shapes that are timed.</summary>
internal static class MomentsCases
{
    public static IReadOnlyList<OperationCase> All { get; } = [.. AttentionOperation.StorageTypes.SelectMany(Make)];

    private static IEnumerable<OperationCase> Make(DType dtype)
    {
        // heads: Hq, Hk; keys: N = past + W.
        OperationCase Validate(
            string name, ScoringShape shape, MomentsOptions? options = null, string inputs = ScoringInputs.Normal,
            MomentsOutputs outputs = MomentsOutputs.All, TensorStrides? q = null, TensorStrides? k = null) =>
            new(name, new MomentsProblem(shape, dtype, options, outputs, q, k, inputs == ScoringInputs.Ragged), inputs, CaseSuite.Validate);
        OperationCase Bench(string name, ScoringShape shape) =>
            new(name, new MomentsProblem(shape, dtype, Shipped), ScoringInputs.Normal, CaseSuite.Bench);

        const MomentsOutputs WithoutStats = MomentsOutputs.All & ~MomentsOutputs.Stats;
        yield return Validate("one", new(1, 1, 1, 1, 2, 1));
        foreach (int window in (int[])[1, 2, 5, 31, 32, 33, 64]) yield return Validate($"w{window}", new(1, 4, 2, window, window + 77, 64));
        yield return Validate("no-past", new(2, 2, 2, 32, 32, 64), outputs: WithoutStats);
        yield return Validate("fewer-keys-than-rows", new(2, 2, 2, 32, 5, 64), outputs: WithoutStats);
        yield return Validate("no-batch", new(0, 2, 2, 8, 40, 64));
        foreach (int past in (int[])[1, 63, 64, 65, 127, 129, 255, 257]) yield return Validate($"past-{past}", new(1, 2, 1, 32, 32 + past, 64));
        foreach (int group in (int[])[1, 3, 5, 8]) yield return Validate($"group-{group}", new(1, 2 * group, 2, 7, 107, 32));
        foreach (int dim in (int[])[1, 7, 127, 128, 131, 256]) yield return Validate($"d{dim}", new(2, 2, 1, 13, 113, dim));
        yield return Validate("gamma-shipped", new(1, 4, 2, 32, 300, 64), Shipped);
        yield return Validate("gamma-0-pool-1", new(1, 4, 2, 32, 140, 64), new() { Gamma = 0, PoolTaps = 1 });
        yield return Validate("pool-7-short", new(1, 4, 2, 8, 11, 64), new() { PoolTaps = 7 });
        yield return Validate("pool-63", new(1, 2, 2, 8, 150, 32), new() { PoolTaps = 63 });
        yield return Validate("no-kurtosis-floor", new(1, 2, 2, 16, 150, 64), new() { KurtosisFloor = 0 });
        yield return Validate("softcap-5", new(1, 2, 2, 16, 150, 64), new() { SoftCap = 5 });
        yield return Validate("scale-0", new(1, 2, 2, 16, 150, 64), new() { Scale = 0 });
        yield return Validate("scale-negative", new(1, 2, 2, 16, 150, 64), new() { Scale = -0.125f });
        yield return Validate("logits-100", new(1, 2, 2, 32, 235, 64), null, ScoringInputs.ExtremeLogits);
        yield return Validate("logits-100-softcap-50", new(1, 2, 2, 32, 235, 64), new() { SoftCap = 50 }, ScoringInputs.ExtremeLogits);
        yield return Validate("ties", new(1, 2, 2, 32, 235, 64), null, ScoringInputs.Ties);
        yield return Validate("padding", new(7, 4, 2, 32, 235, 64), null, ScoringInputs.Ragged);
        yield return Validate("padding-w5", new(7, 3, 1, 5, 70, 33), Shipped, ScoringInputs.Ragged);
        yield return Validate("only-score", new(1, 4, 2, 32, 140, 64), outputs: MomentsOutputs.Score);
        yield return Validate("only-stats", new(1, 4, 2, 32, 140, 64), outputs: MomentsOutputs.Stats);
        yield return Validate("only-fourth", new(1, 4, 2, 32, 140, 64), outputs: MomentsOutputs.Fourth);
        yield return Validate("layout-bnhd", new(2, 4, 2, 32, 131, 64), q: TensorStrides.TokenMajor(4, 32, 64), k: TensorStrides.TokenMajor(2, 131, 64));
        yield return Validate("layout-gaps", new(2, 4, 2, 9, 131, 40), q: new((4 * 9 * 47) + 9, 9 * 47, 47), k: new((2 * 131 * 53) + 5, 131 * 53, 53));

        foreach (int keys in (int[])[2048, 4096, 8192])
        {
            yield return Bench($"b1h8w32n{keys}d128", new(1, 8, 8, 32, keys, 128));
            yield return Bench($"b1h32-8w32n{keys}d128", new(1, 32, 8, 32, keys, 128));
        }
    }

    /// <summary>The weights that ARKV ships.</summary>
    private static MomentsOptions Shipped => new() { Gamma = 263.8108f };
}
