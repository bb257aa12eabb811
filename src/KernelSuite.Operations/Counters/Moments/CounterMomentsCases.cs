namespace KernelSuite.Operations.Counters.Moments;

/// <summary>The named cases and the shapes that are timed; and how their inputs are made.</summary>
internal static class CounterMomentsCases
{
    public static IReadOnlyList<OperationCase> All { get; } = [.. Make()];

    private static IEnumerable<OperationCase> Make()
    {
        static OperationCase Validate(string name, CounterMomentsProblem problem, string inputs = CounterMomentsInputs.Counts) =>
            new(name, problem, inputs, CaseSuite.Validate);
        static OperationCase Bench(string name, CounterMomentsProblem problem) => new(name, problem, CounterMomentsInputs.Counts, CaseSuite.Bench);

        yield return Validate("one-counter", new(37, 1, 2));
        yield return Validate("two-samples", new(2, 3, 1));
        yield return Validate("no-observation", new(5, 3, 0));
        yield return Validate("empty-and-single", new(50, 5, 8), CounterMomentsInputs.Ragged);
        yield return Validate("primes", new(1009, 23, 7));
        yield return Validate("one-long", new(20_011, 11, 1));
        yield return Validate("many", new(6_007, 7, 501));
        yield return Validate("most-counters", new(301, CounterMomentsProblem.MaxCounters, 3));
        yield return Validate("offset-1e9", new(4_001, 13, 3), CounterMomentsInputs.Offset);
        yield return Validate("offset-1e11-constant", new(997, 6, 2), CounterMomentsInputs.Constant);
        yield return Validate("strides", new(333, 10, 4, sampleStride: 17));
        yield return Validate("not-finite", new(400, 9, 5), CounterMomentsInputs.NotFinite);

        yield return Bench("r1mp23b1", new(1 << 20, 23, 1));
        yield return Bench("r1mp23b1k", new(1 << 20, 23, 1000));
        yield return Bench("r256kp64b100", new(1 << 18, 64, 100));
    }
}

/// <summary>Seeded samples of the named kinds.</summary>
internal static class CounterMomentsInputs
{
    public const string Counts = "counts around 1000 that vary together";
    public const string Ragged = "the same; offsets with empty, single, absurd and backward segments";
    public const string Offset = "1e9 and a spread of 1";
    public const string Constant = "1e11 and a spread of 1, every third counter constant";
    public const string NotFinite = "counts with NaN and infinities in some counters of some observations";

    public static void Fill(CounterMomentsProblem problem, string inputs, ulong seed, HostOperands operands)
    {
        var random = new SeededRandom(seed);
        int p = problem.Counters, b = problem.Observations, r = problem.SampleCount;
        Span<double> samples = operands.Data<double>(CounterMomentsProblem.Samples);
        Span<int> offsets = operands.Data<int>(CounterMomentsProblem.Offsets);
        for (int i = 0; i <= b; i++) offsets[i] = b == 0 ? 0 : (int)((long)r * i / b);
        if (inputs == Ragged) ((ReadOnlySpan<int>)[-9, 17, 17, 18, 40, 30, 31, int.MaxValue, int.MinValue]).CopyTo(offsets);
        for (int t = 0; t < r; t++)
        {
            double phase = random.NextNormal();
            for (int i = 0; i < p; i++)
            {
                double noise = random.NextNormal();
                samples[(int)(t * problem.SampleStride) + i] = inputs switch
                {
                    Offset => 1e9 + phase + noise,
                    Constant => i % 3 == 0 ? 1e11 + i : 1e11 + phase + noise,
                    _ => 1000 + (100 * phase * (1 + (i % 4))) + (10 * noise),
                };
            }
        }

        if (inputs != NotFinite) return;
        samples[5] = double.NaN;
        samples[(offsets[1] * p) + 3] = double.PositiveInfinity;
        samples[((offsets[2] + 7) * p) + 1] = double.NegativeInfinity;
    }
}
