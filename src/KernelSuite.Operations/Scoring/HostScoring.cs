using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring;

/// <summary>
/// Scores of keys on host memory in one call: copies to the device, computes, copies back. For repeated calls, or data that is on the device
/// already, make a plan with <see cref="MomentsOperation"/> or <see cref="ScoresOperation"/>.
/// </summary>
public static class HostScoring
{
    /// <summary>Moments of the attention that the last W rows pay to each past key, on contiguous arrays. Empty outputs are not computed.</summary>
    /// <typeparam name="T">float, Half or <see cref="BFloat16"/>.</typeparam>
    /// <param name="device">Where to compute.</param>
    /// <param name="shape">Extents; QueryLength is W.</param>
    /// <param name="q">[B,Hq,W,D]: the last W query rows.</param>
    /// <param name="k">[B,Hk,N,D].</param>
    /// <param name="lse">[B,Hq,W], natural log.</param>
    /// <param name="score">[B,Hk,N-W].</param>
    /// <param name="stats">[B,Hq,3]: sums of entropy, variance, kurtosis.</param>
    /// <param name="mean">[B,Hq,N-W].</param>
    /// <param name="variance">[B,Hq,N-W].</param>
    /// <param name="fourth">[B,Hq,N-W].</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="kvLengths">[B] keys of each batch entry; empty for N.</param>
    /// <param name="cancellation">Checked between tiles on the cpu device.</param>
    /// <exception cref="ArgumentException">A size or value does not fit; names it.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public static void Moments<T>(
        Device device, ScoringShape shape, ReadOnlySpan<T> q, ReadOnlySpan<T> k, ReadOnlySpan<float> lse, Span<float> score = default,
        Span<float> stats = default, Span<float> mean = default, Span<float> variance = default, Span<float> fourth = default,
        MomentsOptions? options = null, ReadOnlySpan<int> kvLengths = default, CancellationToken cancellation = default)
        where T : unmanaged
    {
        MomentsOutputs outputs = default;
        if (!score.IsEmpty) outputs |= MomentsOutputs.Score;
        if (!stats.IsEmpty) outputs |= MomentsOutputs.Stats;
        if (!mean.IsEmpty) outputs |= MomentsOutputs.Mean;
        if (!variance.IsEmpty) outputs |= MomentsOutputs.Variance;
        if (!fourth.IsEmpty) outputs |= MomentsOutputs.Fourth;
        var problem = new MomentsProblem(shape, DTypes.Of<T>(), options, outputs, hasKvLengths: !kvLengths.IsEmpty);
        using var call = new HostCall(device, MomentsOperation.Instance, problem);
        call.Write(MomentsProblem.Q, q);
        call.Write(MomentsProblem.K, k);
        call.Write(MomentsProblem.Lse, lse);
        call.Write(MomentsProblem.KvLengths, kvLengths);
        call.Check(MomentsProblem.Score, score.Length);
        call.Check(MomentsProblem.Stats, stats.Length);
        call.Check(MomentsProblem.Mean, mean.Length);
        call.Check(MomentsProblem.Variance, variance.Length);
        call.Check(MomentsProblem.Fourth, fourth.Length);
        call.Launch(cancellation);
        call.Read(MomentsProblem.Score, score);
        call.Read(MomentsProblem.Stats, stats);
        call.Read(MomentsProblem.Mean, mean);
        call.Read(MomentsProblem.Variance, variance);
        call.Read(MomentsProblem.Fourth, fourth);
    }

    /// <summary>Column sums of attention over query rows, from q, k and LSE, on contiguous arrays.</summary>
    /// <typeparam name="T">float, Half or <see cref="BFloat16"/>.</typeparam>
    /// <param name="device">Where to compute.</param>
    /// <param name="shape">Extents.</param>
    /// <param name="q">[B,Hq,Nq,D]: the last Nq query rows.</param>
    /// <param name="k">[B,Hk,N,D].</param>
    /// <param name="lse">[B,Hq,Nq], natural log.</param>
    /// <param name="score">[B,Hk,N].</param>
    /// <param name="previous">[B,Hk,N] the score before this step; empty for none. May be <paramref name="score"/>.</param>
    /// <param name="columnSums">[B,Hq,N]; empty where not wanted.</param>
    /// <param name="columnSquares">[B,Hq,N]; empty where not wanted.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="kvLengths">[B] keys of each batch entry; empty for N.</param>
    /// <param name="cancellation">Checked between tiles on the cpu device.</param>
    /// <exception cref="ArgumentException">A size or value does not fit; names it.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public static void Scores<T>(
        Device device, ScoringShape shape, ReadOnlySpan<T> q, ReadOnlySpan<T> k, ReadOnlySpan<float> lse, Span<float> score,
        ReadOnlySpan<float> previous = default, Span<float> columnSums = default, Span<float> columnSquares = default,
        ScoresOptions? options = null, ReadOnlySpan<int> kvLengths = default, CancellationToken cancellation = default)
        where T : unmanaged
    {
        var problem = ScoresProblem.FromQueries(shape, DTypes.Of<T>(), options, Present(previous, columnSums, columnSquares, kvLengths));
        using var call = new HostCall(device, ScoresOperation.Instance, problem);
        call.Write(ScoresProblem.Q, q);
        call.Write(ScoresProblem.K, k);
        Finish(call, lse, score, previous, columnSums, columnSquares, kvLengths, cancellation);
    }

    /// <summary>Column sums of exp(logit - lse) over the rows of contiguous logits.</summary>
    /// <param name="device">Where to compute.</param>
    /// <param name="shape">Extents; HeadDim counts for nothing.</param>
    /// <param name="logits">[B,Hq,Nq,N] scaled logits, -infinity where masked.</param>
    /// <param name="lse">[B,Hq,Nq], natural log.</param>
    /// <param name="score">[B,Hk,N].</param>
    /// <param name="previous">[B,Hk,N] the score before this step; empty for none. May be <paramref name="score"/>.</param>
    /// <param name="columnSums">[B,Hq,N]; empty where not wanted.</param>
    /// <param name="columnSquares">[B,Hq,N]; empty where not wanted.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="kvLengths">[B] keys of each batch entry; empty for N.</param>
    /// <param name="cancellation">Checked between tiles on the cpu device.</param>
    /// <exception cref="ArgumentException">A size or value does not fit; names it.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public static void ScoresFromLogits(
        Device device, ScoringShape shape, ReadOnlySpan<float> logits, ReadOnlySpan<float> lse, Span<float> score,
        ReadOnlySpan<float> previous = default, Span<float> columnSums = default, Span<float> columnSquares = default,
        ScoresOptions? options = null, ReadOnlySpan<int> kvLengths = default, CancellationToken cancellation = default)
    {
        var problem = ScoresProblem.FromAttentionLogits(shape, options, Present(previous, columnSums, columnSquares, kvLengths));
        using var call = new HostCall(device, ScoresOperation.Instance, problem);
        call.Write(ScoresProblem.Logits, logits);
        Finish(call, lse, score, previous, columnSums, columnSquares, kvLengths, cancellation);
    }

    private static ScoresOperands Present(ReadOnlySpan<float> previous, ReadOnlySpan<float> columnSums, ReadOnlySpan<float> columnSquares, ReadOnlySpan<int> kvLengths)
    {
        var present = ScoresOperands.None;
        if (!previous.IsEmpty) present |= ScoresOperands.Previous;
        if (!columnSums.IsEmpty) present |= ScoresOperands.ColumnSums;
        if (!columnSquares.IsEmpty) present |= ScoresOperands.ColumnSquares;
        if (!kvLengths.IsEmpty) present |= ScoresOperands.KvLengths;
        return present;
    }

    private static void Finish(
        HostCall call, ReadOnlySpan<float> lse, Span<float> score, ReadOnlySpan<float> previous, Span<float> columnSums, Span<float> columnSquares,
        ReadOnlySpan<int> kvLengths, CancellationToken cancellation)
    {
        call.Write(ScoresProblem.Lse, lse);
        call.Write(ScoresProblem.KvLengths, kvLengths);
        call.Write(ScoresProblem.Previous, previous);
        call.Check(ScoresProblem.Score, score.Length);
        call.Check(ScoresProblem.ColumnSums, columnSums.Length);
        call.Check(ScoresProblem.ColumnSquares, columnSquares.Length);
        call.Launch(cancellation);
        call.Read(ScoresProblem.Score, score);
        call.Read(ScoresProblem.ColumnSums, columnSums);
        call.Read(ScoresProblem.ColumnSquares, columnSquares);
    }
}
