using KernelSuite.Operations.Counters.Moments.Portable;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Counters.Moments;

/// <summary>Mean and covariance of the samples of many observations.</summary>
public sealed class CounterMomentsOperation : Operation<CounterMomentsProblem>
{
    /// <summary>Name of the implementation that is no baseline.</summary>
    internal const string Standard = "one-pass";

    /// <summary>Samples that the fault of the check hides.</summary>
    private const int FaultTile = 1;

    private CounterMomentsOperation()
    {
    }

    /// <summary>The operation.</summary>
    public static CounterMomentsOperation Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "counter_moments";

    /// <inheritdoc/>
    public override string Summary => "mean and covariance of the counter samples of many observations, in one pass";

    /// <inheritdoc/>
    public override OperationSignature Signature { get; } = new(
        [
            new("samples", "[R, P] float64", "samples, those of an observation after one another"),
            new("offsets", "[B + 1] int32", "first sample of each observation, and one past the last"),
            new("means", "[B, P] float64", "means", IsOutput: true),
            new("covariances", "[B, P, P] float64", "covariances, divisor n - 1", IsOutput: true),
        ],
        []);

    /// <inheritdoc/>
    public override IReadOnlyList<DType> DTypes { get; } = [DType.Float64];

    /// <inheritdoc/>
    public override IReadOnlyList<OperationCase> Cases => CounterMomentsCases.All;

    /// <inheritdoc/>
    public override OperationProblem Bind(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(options);
        HostArray samples = inputs.Need("samples", 2, "[R, P]"), offsets = inputs.Need("offsets", 1, "[B + 1]");
        samples.MustBe("samples", DType.Float64, samples.Shape.AsSpan());
        offsets.MustBe("offsets", DType.Int32, offsets.Shape.AsSpan());
        if (offsets.Length == 0) throw new ArgumentException("'offsets' is empty. Expected B + 1 entries.", nameof(inputs));
        return new CounterMomentsProblem((int)samples.Shape[0], (int)samples.Shape[1], (int)offsets.Shape[0] - 1);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Implementation> Implementations(DeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return
        [
            new(Standard, "sums and products of deviations from the first sample"),
            new("naive", "two passes for each entry of the covariance", IsBaseline: true),
        ];
    }

    /// <inheritdoc/>
    protected override Support SupportsPrograms(DeviceInfo device, CounterMomentsProblem problem) => CounterMomentsGroups.Supports(device);

    /// <inheritdoc/>
    protected override OperationPlan Plan(Device device, CounterMomentsProblem problem, string? implementation) =>
        CounterMomentsPlan.Create(device, problem, implementation);

    /// <inheritdoc/>
    protected override void FillInputs(CounterMomentsProblem problem, string inputs, ulong seed, HostOperands operands) =>
        CounterMomentsInputs.Fill(problem, inputs, seed, operands);

    /// <inheritdoc/>
    protected override void ReferenceUnit(CounterMomentsProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        CounterMomentsReference.Exact(problem, operands, (int)unit, outputs);

    /// <inheritdoc/>
    protected override void NaiveUnit(CounterMomentsProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        NaiveArithmetic.Farthest(
        outputs, exact => ReferenceUnit(problem, operands, unit, exact),
        (arithmetic, tried) => CounterMomentsReference.Naive(problem, operands, (int)unit, tried, arithmetic));

    /// <inheritdoc/>
    protected override bool FaultyUnit(CounterMomentsProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        (int from, int to) = problem.Segment(operands.Data<int>(CounterMomentsProblem.Offsets), (int)unit);
        CounterMomentsReference.Exact(problem, operands, (int)unit, outputs, FaultTile);
        return to > from;
    }
}
