using System.Runtime.InteropServices;
using KernelSuite.Operations;
using KernelSuite.Operations.Attention;
using KernelSuite.Operations.Scoring;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>Scores the tokens of a prompt, layer by layer, with the LSE that its attention left.</summary>
internal sealed class PrefillScorer : IDisposable
{
    private readonly KvCacheShape shape;
    private readonly int tokens, scored;
    private readonly OperationPlan plan;
    private readonly DeviceBuffer<float> lse, scores, stats;
    private readonly DeviceSlice[] operands = new DeviceSlice[9];

    private PrefillScorer(Device device, KvCacheShape shape, KvRules rules, int tokens, int rows)
    {
        this.shape = shape;
        this.tokens = tokens;
        Rows = rows;
        IsMoments = rules.Prefill == PrefillScore.Moments;
        scored = rules.Prefill == PrefillScore.AllSums ? tokens : tokens - rows;
        TensorStrides q = TensorStrides.TokenMajor(shape.QueryHeads, rows, shape.HeadDim);
        TensorStrides k = TensorStrides.TokenMajor(shape.KvHeads, tokens, shape.HeadDim);
        plan = rules.Prefill switch
        {
            PrefillScore.Moments => MomentsOperation.Instance.Plan(device, new MomentsProblem(
                new ScoringShape(1, shape.QueryHeads, shape.KvHeads, rows, tokens, shape.HeadDim), shape.DType,
                new MomentsOptions { Gamma = rules.Gamma, PoolTaps = rules.Taps }, MomentsOutputs.Score | MomentsOutputs.Stats, q, k)),
            PrefillScore.WindowSums => ScoresOperation.Instance.Plan(device, ScoresProblem.FromQueries(
                new ScoringShape(1, shape.QueryHeads, shape.KvHeads, rows, scored, shape.HeadDim), shape.DType,
                new ScoresOptions { Causal = false, PoolTaps = rules.Taps }, q: q, k: k)),
            _ => ScoresOperation.Instance.Plan(device, ScoresProblem.FromQueries(
                new ScoringShape(1, shape.QueryHeads, shape.KvHeads, rows, tokens, shape.HeadDim), shape.DType, new ScoresOptions { PoolTaps = rules.Taps }, q: q, k: k)),
        };
        lse = device.Allocate<float>((long)shape.QueryHeads * rows);
        scores = device.Allocate<float>((long)shape.KvHeads * scored);
        stats = device.Allocate<float>(IsMoments ? shape.QueryHeads * MomentsProblem.StatsCount : 0);
    }

    /// <summary>Rows that score.</summary>
    public int Rows { get; }

    /// <summary>Whether it measures a layer's statistics.</summary>
    public bool IsMoments { get; }

    public long Bytes => plan.WorkspaceBytes + (4 * (lse.Length + scores.Length + stats.Length));

    /// <summary>A scorer; null where the newest win, or the prompt is too short to be judged.</summary>
    public static PrefillScorer? Create(Device device, KvCacheShape shape, KvRules rules, int tokens)
    {
        if (rules.Prefill == PrefillScore.Recency) return null;

        // At least as many keys as rows have to be judged, and a variance needs two rows.
        int rows = rules.Prefill == PrefillScore.AllSums ? tokens : Math.Min(rules.Observation, tokens / 2);
        return rows < 2 ? null : new PrefillScorer(device, shape, rules, tokens, rows);
    }

    /// <summary>Scores a layer.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="q">[n, Hq, D].</param>
    /// <param name="k">[n, Hk, D].</param>
    /// <param name="attentionLse">[Hq, n], from the layer's attention.</param>
    /// <param name="sums">Entropy, variance and kurtosis sums; NaN where not measured.</param>
    /// <returns>[Hk][n]; tokens of the observing rows rank above all others, the newest highest.</returns>
    public float[][] Score(DeviceStream stream, DeviceSlice q, DeviceSlice k, DeviceBuffer<float> attentionLse, out (double Entropy, double Variance, double Kurtosis) sums)
    {
        int first = tokens - Rows;
        for (int h = 0; h < shape.QueryHeads; h++)
            stream.Copy(attentionLse.Memory, 4L * (((long)h * tokens) + first), lse.Memory, 4L * h * Rows, 4L * Rows);
        DeviceSlice rows = q with { ElementOffset = q.ElementOffset + ((long)first * shape.QueryHeads * shape.HeadDim) };
        Array.Clear(operands);
        if (IsMoments)
        {
            operands[MomentsProblem.Q] = rows;
            operands[MomentsProblem.K] = k;
            operands[MomentsProblem.Lse] = lse;
            operands[MomentsProblem.Score] = scores;
            operands[MomentsProblem.Stats] = stats;
        }
        else
        {
            operands[ScoresProblem.Q] = rows;
            operands[ScoresProblem.K] = k;
            operands[ScoresProblem.Lse] = lse;
            operands[ScoresProblem.Score] = scores;
        }

        plan.Launch(stream, operands);
        var result = new float[shape.KvHeads][];
        for (int h = 0; h < shape.KvHeads; h++)
        {
            result[h] = new float[tokens];
            stream.Read(scores, result[h].AsSpan(0, scored), (long)h * scored);
            for (int j = scored; j < tokens; j++) result[h][j] = Unjudged(j);
        }

        sums = (double.NaN, double.NaN, double.NaN);
        if (IsMoments)
        {
            var parts = new float[shape.QueryHeads * MomentsProblem.StatsCount];
            stream.Read(stats, parts);
            sums = default;
            for (int h = 0; h < shape.QueryHeads; h++)
                sums = (sums.Entropy + parts[3 * h], sums.Variance + parts[(3 * h) + 1], sums.Kurtosis + parts[(3 * h) + 2]);
        }

        return result;
    }

    /// <summary>The score of a token that no row judges: above every probability, and higher the newer it is.</summary>
    public static float Unjudged(int position) => BitConverter.Int32BitsToSingle(0x6000_0000 + position);

    public void Dispose()
    {
        plan.Dispose();
        lse.Dispose();
        scores.Dispose();
        stats.Dispose();
    }
}
