using KernelSuite.Runtime;

namespace KernelSuite.Operations.Counters.Distance;

/// <summary>The named cases: ugly sizes, degenerate cones and means; and the shapes that are timed.</summary>
internal static class ConeDistanceCases
{
    public static IReadOnlyList<OperationCase> All { get; } = [.. Make(DType.Float32), .. Make(DType.Float64)];

    private static IEnumerable<OperationCase> Make(DType dtype)
    {
        OperationCase Validate(
            string name, int b, int m, int p, int n, string inputs = ConeDistanceInputs.Mixed,
                bool counts = false, ConeDistanceOutputs outputs = ConeDistanceOutputs.None) =>
            new(name, new ConeDistanceProblem(dtype, b, m, p, n, counts, outputs), inputs, CaseSuite.Validate);
        OperationCase Bench(string name, int b, int m, int p, int n, ConeDistanceOutputs outputs = ConeDistanceOutputs.None) =>
            new(name, new ConeDistanceProblem(dtype, b, m, p, n, outputs: outputs), ConeDistanceInputs.Outside, CaseSuite.Bench);

        yield return Validate("one", 2, 1, 1, 1, ConeDistanceInputs.Outside);
        yield return Validate("one-counter", 5, 2, 1, 7);
        yield return Validate("one-counter-opposite", 3, 2, 1, 5, ConeDistanceInputs.Opposite, outputs: ConeDistanceOutputs.All);
        yield return Validate("one-counter-zeros", 3, 1, 1, 2, ConeDistanceInputs.Zeros, outputs: ConeDistanceOutputs.All);
        yield return Validate("one-signature", 5, 3, 7, 1, ConeDistanceInputs.Outside, outputs: ConeDistanceOutputs.All);
        yield return Validate("no-observation", 0, 2, 5, 3, outputs: ConeDistanceOutputs.All);
        yield return Validate("no-model", 3, 0, 5, 3, outputs: ConeDistanceOutputs.All);
        yield return Validate("haswell", 12, 3, 23, 44);
        yield return Validate("haswell-outside", 9, 2, 23, 44, ConeDistanceInputs.Outside, outputs: ConeDistanceOutputs.All);
        yield return Validate("ragged", 5, 9, 11, 17, ConeDistanceInputs.Outside, counts: true, ConeDistanceOutputs.All);
        yield return Validate("duplicates", 6, 2, 13, 29, ConeDistanceInputs.Duplicates, outputs: ConeDistanceOutputs.Directions);
        yield return Validate("collinear", 6, 2, 9, 21, ConeDistanceInputs.Collinear, outputs: ConeDistanceOutputs.Directions);
        yield return Validate("zeros", 4, 2, 11, 6, ConeDistanceInputs.Zeros, outputs: ConeDistanceOutputs.All);
        yield return Validate("no-signature", 4, 3, 10, 8, ConeDistanceInputs.Empty, counts: true, ConeDistanceOutputs.All);
        yield return Validate("facet", 6, 2, 12, 9, ConeDistanceInputs.Facet);
        yield return Validate("opposite", 4, 2, 19, 31, ConeDistanceInputs.Opposite, outputs: ConeDistanceOutputs.All);
        yield return Validate("not-finite", 7, 3, 6, 10, ConeDistanceInputs.NotFinite, counts: true, ConeDistanceOutputs.All);
        yield return Validate("rows-32", 3, 2, 32, 63);
        yield return Validate("rows-33", 3, 2, 33, 65);
        yield return Validate("wide", 3, 2, 5, ConeDistanceProblem.MaxSignatures, ConeDistanceInputs.Outside);
        yield return Validate("tall", 3, 2, ConeDistanceProblem.MaxCounters, 1, ConeDistanceInputs.Outside, outputs: ConeDistanceOutputs.All);
        foreach ((string name, int b, string inputs) in ((string, int, string)[])[("most", 2, ConeDistanceInputs.Outside),
            ("most-duplicates", 1, ConeDistanceInputs.Duplicates), ("most-collinear", 2, ConeDistanceInputs.Collinear)])
        {
            yield return Validate(name, b, 1, ConeDistanceProblem.MaxCounters, ConeDistanceProblem.MaxSignatures, inputs,
                outputs: ConeDistanceOutputs.Directions);
        }

        yield return Validate("most-ragged", 1, 6, ConeDistanceProblem.MaxCounters, ConeDistanceProblem.MaxSignatures, ConeDistanceInputs.Outside,
            counts: true, ConeDistanceOutputs.All);

        yield return Bench("b1000m8p23n44", 1000, 8, 23, 44);
        yield return Bench("b1000m8p23n44-all", 1000, 8, 23, 44, ConeDistanceOutputs.All);
        yield return Bench("b200m4p64n256", 200, 4, 64, 256);
    }
}
