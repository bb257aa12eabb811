using KernelSuite.Runtime;

namespace KernelSuite.Operations.Counters.Distance;

/// <summary>
/// A validated problem: squared distances of B whitened means from the cones of M models,
/// d²[b, m] = min over f ≥ 0 of |W_b (S_mᵀ f - mean_b)|², S_m the first counts[m] signatures of the model. Status 1 says that the optimum was
/// reached, 0 that the bound of 10 (P + N) + 50 rounds was hit (the distance is an upper bound then), -1 that a whitened number is not finite:
/// distance, weights and direction are NaN then and the rank is 0. A model without signatures is the origin.
/// </summary>
public sealed class ConeDistanceProblem : OperationProblem
{
    /// <summary>Operand indices.</summary>
    public const int Factors = 0, Means = 1, Signatures = 2, Counts = 3, Distances = 4, Status = 5, Ranks = 6, Weights = 7, Directions = 8;

    /// <summary>Most counters.</summary>
    public const int MaxCounters = 64;

    /// <summary>Most signatures of a model.</summary>
    public const int MaxSignatures = 256;

    /// <summary>Makes a problem.</summary>
    /// <param name="dtype">Float32 or float64, of every operand that is not int32.</param>
    /// <param name="observations">B, 0 or more.</param>
    /// <param name="models">M, 0 or more.</param>
    /// <param name="counters">P, 1 to 64.</param>
    /// <param name="signatures">N, signatures of the largest model: 1 to 256.</param>
    /// <param name="hasCounts">Whether an int32 [M] operand gives the signatures of each model, clamped to 0..N.</param>
    /// <param name="outputs">Which optional outputs there are.</param>
    /// <exception cref="ArgumentException">A value is out of range; names it and says what was expected.</exception>
    public ConeDistanceProblem(
        DType dtype, int observations, int models, int counters, int signatures, bool hasCounts = false,
            ConeDistanceOutputs outputs = ConeDistanceOutputs.None)
    {
        if (dtype is not (DType.Float32 or DType.Float64))
            throw new ArgumentException($"The dtype is {dtype.Name()}. Expected float32 or float64.", nameof(dtype));
        ArgumentOutOfRangeException.ThrowIfNegative(observations);
        ArgumentOutOfRangeException.ThrowIfNegative(models);
        if (counters is < 1 or > MaxCounters)
            throw new ArgumentOutOfRangeException(nameof(counters), counters,
                $"P is {counters}. Expected 1 to {MaxCounters} counters; leave out some or use single tests.");
        if (signatures is < 1 or > MaxSignatures)
        {
            throw new ArgumentOutOfRangeException(
                nameof(signatures), signatures,
                    $"N is {signatures}. Expected 1 to {MaxSignatures} signatures; remove redundant ones or use single tests.");
        }

        DType = dtype;
        (Observations, Models, Counters, MostSignatures, HasCounts, Outputs) = (observations, models, counters, signatures, hasCounts, outputs);
        OperandSpec Input(string name, DType type, params ReadOnlySpan<long> shape) =>
            new() { Name = name, DType = type, Shape = [.. shape], Strides = OperandSpec.Contiguous(shape) };
        OperandSpec Output(string name, DType type, bool optional, params ReadOnlySpan<long> shape) =>
            new() { Name = name, DType = type, Shape = [.. shape], Strides = OperandSpec.Contiguous(shape), IsOutput = true, IsOptional = optional };
        Operands =
        [
            Input("factors", dtype, observations, counters, counters),
            Input("means", dtype, observations, counters),
            Input("signatures", dtype, models, signatures, counters),
            hasCounts ? Input("counts", DType.Int32, models) : null,
            Output("distances", dtype, false, observations, models),
            Output("status", DType.Int32, false, observations, models),
            outputs.HasFlag(ConeDistanceOutputs.Ranks) ? Output("ranks", DType.Int32, true, observations, models) : null,
            outputs.HasFlag(ConeDistanceOutputs.Weights) ? Output("weights", dtype, true, observations, models, signatures) : null,
            outputs.HasFlag(ConeDistanceOutputs.Directions) ? Output("directions", dtype, true, observations, models, counters) : null,
        ];
    }

    /// <summary>B.</summary>
    public int Observations { get; }

    /// <summary>M.</summary>
    public int Models { get; }

    /// <summary>P.</summary>
    public int Counters { get; }

    /// <summary>N.</summary>
    public int MostSignatures { get; }

    /// <summary>Whether counts is an operand.</summary>
    public bool HasCounts { get; }

    /// <summary>The optional outputs that there are.</summary>
    public ConeDistanceOutputs Outputs { get; }

    /// <inheritdoc/>
    public override DType DType { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperandSpec?> Operands { get; }

    /// <summary>A pair of observation and model.</summary>
    public override long UnitCount => (long)Observations * Models;

    /// <summary>Products of the whitening alone, which data do not change: 2 B (M N + 1) P². Every operand moved once.</summary>
    public override OperationCost Cost => new(
        2.0 * Observations * (((double)Models * MostSignatures) + 1) * Counters * Counters,
            Operands.Sum(o => o is null ? 0.0 : o.ByteCount), "cone_distance-1");

    /// <inheritdoc/>
    public override (long Offset, int Length) UnitSegment(int operand, long unit) => operand switch
    {
        Weights => (unit * MostSignatures, MostSignatures),
        Directions => (unit * Counters, Counters),
        _ => (unit, 1),
    };
}

/// <summary>Optional outputs of a distance.</summary>
[Flags]
public enum ConeDistanceOutputs
{
    /// <summary>Distances and status only.</summary>
    None = 0,

    /// <summary>
    /// Dimension of the face that holds the nearest point: the number of signatures with a positive weight, which are linearly independent.
    /// </summary>
    Ranks = 1,

    /// <summary>Weights f of the nearest point.</summary>
    Weights = 2,

    /// <summary>w = Wᵀ W (mean - Sᵀ f), the certificate: w · s ≤ 0 for every signature and w · mean = d².</summary>
    Directions = 4,

    /// <summary>Everything.</summary>
    All = Ranks | Weights | Directions,
}
