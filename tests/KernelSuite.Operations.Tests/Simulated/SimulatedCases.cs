using KernelSuite.Operations.Attention;
using KernelSuite.Operations.Decode;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Operations.KvStorage.Portable;
using KernelSuite.Operations.Scoring;
using KernelSuite.Operations.Scoring.Portable;
using KernelSuite.Operations.Selection;
using KernelSuite.Operations.Tests.Attention.Portable;
using KernelSuite.Operations.Tests.Decode.Portable;
using KernelSuite.Operations.Tests.KvStorage;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Tests.Simulated;

/// <summary>
/// What a simulator of work-items runs of each family of kernels: cases small enough for an interpreter, which between them reach every kernel,
/// each barrier, masks, padding and gaps.
/// </summary>
internal static class SimulatedCases
{
    private static readonly string[] StorageNames =
    [
        "one-of-two", "vector-plus-1", "ragged", "e4m3-odd", "int4-odd", "e4m3-paged", "int4-paged", "e4m3-shared", "int4-shared",
        "paged-7-map", "width-1", "tokens-group-of-13", "dims-group-of-13",
    ];

    /// <summary>Runs a family's cases on a device by every implementation, and by a GPU's groups where the device would not get them.</summary>
    /// <returns>The number of failures.</returns>
    public static int Run(Device device, string family) => family switch
    {
        "attention" => Attend(device),
        "decode" => Decode(device),
        "scoring" => Score(device),
        "selection" => Store(device, [TopKOperation.Instance]),
        "storage" => Store(device, [.. KvCaseTests.Operations.Where(o => o is not TopKOperation)]),
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "Expected attention, decode, scoring, selection or storage."),
    };

    private static int Attend(Device device)
    {
        AttentionOperation operation = AttentionOperation.Instance;
        OperationCase primes = operation.Cases.Single(c => c.Name == "primes-d7-dv5" && c.Problem.DType == DType.Float32);
        OperationCase[] cases =
        [
            primes,
            operation.Cases.Single(c => c.Name == primes.Name && c.Problem.DType == DType.BFloat16),
            Case("band", new AttentionProblem(new(1, 2, 1, 19, 23, 5), DType.Float32, new() { Causal = true, WindowLeft = 9, SoftCap = 3 }),
                AttentionInputs.Normal),
            Case("padding", new AttentionProblem(new(4, 1, 1, 5, 37, 6), DType.Float16, hasKvLengths: true), AttentionInputs.Ragged),
        ];
        return cases.Sum(c =>
        {
            using CaseExpectation expectation = CaseExpectation.Compute(operation, c, Validator.DefaultSeed);
            return Implementations(device, operation, expectation) + Report(GpuTiles.Validate(device, expectation));
        });
    }

    /// <summary>
    /// Parts that merge, two tiles to a part, hidden slots, pages with absurd ids behind them, both formats, three kinds of storage, rows that no
    /// load is aligned to.
    /// </summary>
    private static int Decode(Device device)
    {
        DecodeOptions causal = new() { Causal = true, SoftCap = 4 };
        DecodeSegment paged = DecodeSegment.Paged(new(9, 16, 6)), ragged = DecodeSegment.Contiguous(70, hasLengths: true);
        (DecodeOperation Operation, OperationCase Case)[] cases =
        [
            (DecodeOperation.Instance, Case("causal", new DecodeProblem(
                new(1, 2, 1, 3, 7, 5), DecodeSegment.Contiguous(121), DType.Float32, causal, hasLogits: true), DecodeInputs.Normal)),
            (DecodeOperation.Instance, Case(
                "ragged", new DecodeProblem(new(4, 2, 2, 1, 32), ragged, DType.Float16, hasLogits: true), DecodeInputs.Ragged)),
            (DecodeOperation.Mixed, Case(
                "e4m3", new DecodeProblem(new(1, 4, 2, 1, 13), DecodeSegment.Contiguous(19), DType.BFloat16,
                    quantised: new(KvFormat.E4M3, DecodeSegment.Contiguous(66)), hasLogits: true), DecodeInputs.Normal)),
            (DecodeOperation.Mixed, Case("int4-paged",
                new DecodeProblem(new(3, 2, 2, 1, 64), paged, DType.Float32, quantised: new(KvFormat.Int4, paged)), DecodeInputs.Ragged)),
        ];
        return cases.Sum(c =>
        {
            using CaseExpectation expectation = CaseExpectation.Compute(c.Operation, c.Case, Validator.DefaultSeed);
            return Implementations(device, c.Operation, expectation) + Report(PortableDecodeTests.ValidateGpuTiles(device, expectation));
        });
    }

    private static int Score(Device device)
    {
        const ScoresOperands PerHead = ScoresOperands.ColumnSums | ScoresOperands.ColumnSquares;
        (Operation Operation, OperationCase Case)[] cases =
        [
            (MomentsOperation.Instance, Case("moments", new MomentsProblem(new(1, 2, 1, 5, 72, 33), DType.Float32), ScoringInputs.Normal)),
            (MomentsOperation.Instance, Case(
                "moments-padding", new MomentsProblem(new(2, 1, 1, 3, 21, 7), DType.BFloat16, hasKvLengths: true), ScoringInputs.Ragged)),
            (ScoresOperation.Instance, Case(
                "scores", ScoresProblem.FromQueries(
                    new(1, 2, 1, 35, 67, 33), DType.Float32, new() { PoolTaps = 3 }, PerHead | ScoresOperands.Previous), ScoringInputs.Normal)),
            (ScoresOperation.Instance, Case(
                "scores-padding", ScoresProblem.FromQueries(
                    new(2, 1, 1, 9, 21, 7), DType.Float16, null, PerHead | ScoresOperands.KvLengths), ScoringInputs.Ragged)),
            (ScoresOperation.Instance, Case(
                "logits", ScoresProblem.FromAttentionLogits(
                    new(2, 4, 2, 3, 70), null, PerHead | ScoresOperands.Previous | ScoresOperands.KvLengths), ScoringInputs.Ragged)),
        ];
        return cases.Sum(c =>
        {
            using CaseExpectation expectation = CaseExpectation.Compute(c.Operation, c.Case, Validator.DefaultSeed);
            return Implementations(device, c.Operation, expectation) + Report(OnGroups(device, expectation));
        });
    }

    private static int Store(Device device, IReadOnlyList<Operation> operations)
    {
        int failed = 0;
        foreach (Operation operation in operations)
        {
            foreach (OperationCase c in operation.Cases.Where(c =>
                StorageNames.Contains(c.Name) && c.Problem.DType is (DType.Float32 or DType.UInt8)))
            {
                using CaseExpectation expectation = CaseExpectation.Compute(operation, c, Validator.DefaultSeed);
                failed += Implementations(device, operation, expectation);
                if (operation is not (TopKOperation or KvCompactOperation)) failed += Report(OnGroups(device, expectation));
            }
        }

        return failed;
    }

    /// <summary>Validates a case with the groups that a GPU gets; a simulator calls itself a CPU.</summary>
    private static CaseResult OnGroups(Device device, CaseExpectation expectation)
    {
        DeviceInfo gpu = GpuTiles.TypicalGpu(device);
        return Validator.Validate(device, expectation, "gpu groups", d => expectation.Case.Problem switch
        {
            MomentsProblem p => new PortableMomentsPlan(
                d, p, naive: false, ScoringTiles.Choose(gpu, p.Shape.HeadDim, p.Shape.QueryLength, MomentsProblem.MaxWindow)),
            ScoresProblem p => new PortableScoresPlan(d, p, naive: false, ScoringTiles.Choose(gpu, p.Shape.HeadDim, p.Shape.QueryLength, 0)),
            KvQuantizeProblem p => new PortableQuantizePlan(d, p, naive: false, KvFormatProgram.Choose(gpu, naive: false)),
            KvDequantizeProblem p => new PortableDequantizePlan(d, p, naive: false, KvFormatProgram.Choose(gpu, naive: false)),
            KvQuantizeGroupsProblem p => new PortableQuantizeGroupsPlan(d, p, naive: false, chosenAlone: false),
            OperationProblem p => throw new ArgumentException($"There are no groups for {p.GetType().Name}.", nameof(expectation)),
        });
    }

    private static OperationCase Case(string name, OperationProblem problem, string inputs) =>
        new($"simulator-{name}", problem, inputs, CaseSuite.Validate);

    private static int Implementations(Device device, Operation operation, CaseExpectation expectation) =>
        operation.Implementations(device.Info).Sum(i => Report(Validator.Validate(device, expectation, i.Name)));

    private static int Report(CaseResult result)
    {
        Console.WriteLine($"{result.Operation} {result.Case} {result.DType.Name()} {result.Implementation}: {result.Status} {result.Reason}");
        return result.Status == CaseStatus.Pass ? 0 : 1;
    }
}
