namespace KernelSuite.Operations.Selection;

/// <summary>The named cases: ugly sizes, ties, every kind of score; and the shapes that are timed.</summary>
internal static class TopKCases
{
    public static IReadOnlyList<OperationCase> All { get; } = [.. Make()];

    private static IEnumerable<OperationCase> Make()
    {
        static OperationCase Validate(string name, TopKProblem problem, string inputs = TopKInputs.Normal) => new(name, problem, inputs, CaseSuite.Validate);
        static OperationCase Bench(string name, TopKProblem problem, string inputs = TopKInputs.Weights) => new(name, problem, inputs, CaseSuite.Bench);

        yield return Validate("one", new(1, 1, 3));
        yield return Validate("one-of-two", new(3, 2, 1));
        yield return Validate("no-row", new(0, 5, 3));
        yield return Validate("no-score", new(2, 0, 3));
        yield return Validate("k-0", new(2, 7, 0));
        yield return Validate("k-n", new(3, 61, 61));
        yield return Validate("k-above-n", new(2, 37, 50));
        yield return Validate("primes", new(7, 1009, 127));
        yield return Validate("vector-minus-1", new(5, 255, 64));
        yield return Validate("vector-plus-1", new(5, 257, 64));
        yield return Validate("half", new(2, 4096, 2048));
        foreach (string inputs in new[] { TopKInputs.Equal, TopKInputs.Ascending, TopKInputs.Descending, TopKInputs.Ties, TopKInputs.Special, TopKInputs.Weights })
            yield return Validate($"kind-{inputs.Split(',', ' ', '(')[0].ToLowerInvariant()}", new(3, 1499, 400), inputs);
        yield return Validate("ragged", new(12, 700, 200, hasLengths: true, hasCounts: true));
        yield return Validate("ragged-special", new(12, 301, 200, hasLengths: true, hasCounts: true), TopKInputs.Special);
        yield return Validate("strides", new(4, 333, 100, scoreStride: 411, indexStride: 130));

        // Long enough for several pieces a row on every device.
        yield return Validate("long-row", new(1, 100_003, 30_011));
        yield return Validate("long-row-ties", new(1, 100_003, 30_011), TopKInputs.Ties);
        yield return Validate("long-row-equal", new(1, 65_537, 40_000), TopKInputs.Equal);
        yield return Validate("long-row-special", new(1, 70_001, 40_000, hasLengths: true, hasCounts: true), TopKInputs.Special);
        yield return Validate("million", new(1, 1_000_003, 250_001));

        yield return Bench("r1n1m-k256k", new(1, 1 << 20, 1 << 18));
        yield return Bench("r1n1m-k1k", new(1, 1 << 20, 1 << 10));
        yield return Bench("r8n32k-k8k", new(8, 1 << 15, 1 << 13));
        yield return Bench("r64n4k-k1k", new(64, 1 << 12, 1 << 10));
    }
}
