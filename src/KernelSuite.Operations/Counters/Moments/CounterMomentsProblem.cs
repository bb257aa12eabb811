using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Counters.Moments;

/// <summary>
/// A validated problem: mean and covariance (divisor n - 1) of the samples of B observations in one call. Observation b has the rows offsets[b] to
/// offsets[b + 1] - 1 of the samples; offsets are clamped to 0..R and never run backwards. Without samples a mean is NaN, with fewer than two a
/// covariance is NaN. A counter with a value that is not finite has a NaN mean and NaN in its row and column of the covariance; other counters are
/// unaffected.
/// </summary>
/// <remarks>
/// Everything is float64: counters reach 1e11 and differ in their last digits, which float32 does not have. Sums are of deviations from the
/// observation's first sample; as that is one of the n samples it is at most sd √n away from the mean, so an offset costs no digits and cancellation
/// at most a factor n.
/// </remarks>
public sealed class CounterMomentsProblem : OperationProblem
{
    /// <summary>Operand indices.</summary>
    public const int Samples = 0, Offsets = 1, Means = 2, Covariances = 3;

    /// <summary>Most counters.</summary>
    public const int MaxCounters = 64;

    /// <summary>Makes a problem.</summary>
    /// <param name="samples">R, 0 or more.</param>
    /// <param name="counters">P, 1 to 64.</param>
    /// <param name="observations">B, 0 to 2^24.</param>
    /// <param name="sampleStride">From one sample to the next, in elements; null for P.</param>
    /// <exception cref="ArgumentException">A value is out of range; names it and says what was expected.</exception>
    public CounterMomentsProblem(int samples, int counters, int observations, long? sampleStride = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        if (counters is < 1 or > MaxCounters)
            throw new ArgumentOutOfRangeException(nameof(counters), counters, $"P is {counters}. Expected 1 to {MaxCounters} counters.");
        if (observations is < 0 or > 1 << 24)
            throw new ArgumentOutOfRangeException(nameof(observations), observations, $"B is {observations}. Expected 0 to {1 << 24}.");
        (SampleCount, Counters, Observations, SampleStride) = (samples, counters, observations, sampleStride ?? counters);
        OperandSpec Output(string name, params ReadOnlySpan<long> shape) =>
            new() { Name = name, DType = DType.Float64, Shape = [.. shape], Strides = OperandSpec.Contiguous(shape), IsOutput = true };
        Operands =
        [
            new OperandSpec { Name = "samples", DType = DType.Float64, Shape = [samples, counters], Strides = [SampleStride, 1] },
            new OperandSpec { Name = "offsets", DType = DType.Int32, Shape = [observations + 1], Strides = [1] },
            Output("means", observations, counters),
            Output("covariances", observations, counters, counters),
        ];
        AttentionStrideRules.Check(Operands);
    }

    /// <summary>R.</summary>
    public int SampleCount { get; }

    /// <summary>P.</summary>
    public int Counters { get; }

    /// <summary>B.</summary>
    public int Observations { get; }

    /// <summary>Row stride of the samples in elements.</summary>
    public long SampleStride { get; }

    /// <inheritdoc/>
    public override DType DType => DType.Float64;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandSpec?> Operands { get; }

    /// <summary>An observation.</summary>
    public override long UnitCount => Observations;

    /// <summary>R P (P + 1): products of the upper triangle, as if every sample belonged to one observation. Every operand moved once.</summary>
    public override OperationCost Cost =>
        new((double)SampleCount * Counters * (Counters + 1), Operands.Sum(o => (double)o!.ByteCount), "counter_moments-1");

    /// <inheritdoc/>
    public override (long Offset, int Length) UnitSegment(int operand, long unit)
    {
        int length = operand == Means ? Counters : Counters * Counters;
        return (unit * length, length);
    }

    /// <summary>An observation's rows of the samples.</summary>
    internal (int From, int To) Segment(ReadOnlySpan<int> offsets, int observation)
    {
        int from = Math.Clamp(offsets[observation], 0, SampleCount);
        return (from, Math.Clamp(offsets[observation + 1], from, SampleCount));
    }
}
