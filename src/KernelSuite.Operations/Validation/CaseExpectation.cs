using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>
/// Inputs of a case and what must come out, computed once and then held against any number of devices and implementations. Gaps and guard
/// zones around inputs hold NaN, so that a stray read shows. Checks that its own tolerance rejects zeros and a dropped tile.
/// </summary>
public sealed class CaseExpectation : IDisposable
{
    /// <summary>Guard elements on both sides of every operand.</summary>
    public const int GuardElements = 64;

    private const byte InputPoison = 0xFF;
    private const byte OutputPoison = 0xFE;

    private readonly Expected?[] expected;
    private readonly long[] units;

    private CaseExpectation(
        Operation operation, OperationCase operationCase, Action<HostOperands> fill, IReadOnlyDictionary<string, HostArray>? stored, ulong seed, long maxUnits,
        CancellationToken cancellation)
    {
        Operation = operation;
        Case = operationCase;
        Operands = new HostOperands(operationCase.Problem, GuardElements);
        for (int i = 0; i < Operands.Count; i++) Operands[i]?.Bytes.Fill(operationCase.Problem.Operands[i]!.IsOutput ? OutputPoison : InputPoison);
        fill(Operands);
        units = SampleUnits(operationCase.Problem.UnitCount, maxUnits, seed);
        expected = Compute(cancellation);
        ControlFailure = CheckControls() ?? (stored is null ? null : CheckStored(stored));
    }

    /// <summary>The operation.</summary>
    public Operation Operation { get; }

    /// <summary>The case.</summary>
    public OperationCase Case { get; }

    /// <summary>Inputs filled, outputs poisoned.</summary>
    public HostOperands Operands { get; }

    /// <summary>Units that are checked.</summary>
    public int CheckedUnits => units.Length;

    /// <summary>Null, or why the check proves nothing: a wrong output that it would accept, or references that contradict each other.</summary>
    public string? ControlFailure { get; }

    /// <summary>Fills inputs and computes reference, naive and faulty outputs, on all processors.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="operationCase">One of its cases.</param>
    /// <param name="seed">Seed of the inputs and of the sample.</param>
    /// <param name="maxUnits">Checks at most so many units, a seeded sample that holds the first and the last.</param>
    /// <param name="cancellation">Stops the computation.</param>
    public static CaseExpectation Compute(
        Operation operation, OperationCase operationCase, ulong seed, long maxUnits = long.MaxValue, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(operationCase);
        return new CaseExpectation(
            operation, operationCase, operands => operation.FillInputs(operationCase, seed, operands), null, seed, maxUnits, cancellation);
    }

    /// <summary>
    /// The same on arrays that are at hand, and held against outputs that somebody else computed: the device's output must be within the
    /// tolerance of both references, and the references within it of each other.
    /// </summary>
    /// <param name="operation">The operation.</param>
    /// <param name="operationCase">A case whose problem was bound to <paramref name="inputs"/>; every operand is contiguous.</param>
    /// <param name="inputs">Input name to array.</param>
    /// <param name="outputs">Output name to stored reference, float64 or float32, in the operand's shape; may be empty.</param>
    /// <param name="cancellation">Stops the computation.</param>
    /// <exception cref="ArgumentException">An array does not fit its operand.</exception>
    public static CaseExpectation FromArrays(
        Operation operation, OperationCase operationCase, IReadOnlyDictionary<string, HostArray> inputs, IReadOnlyDictionary<string, HostArray> outputs,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(operationCase);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        foreach (OperandSpec? spec in operationCase.Problem.Operands)
        {
            if (spec is null) continue;
            if (!spec.IsOutput && !inputs.ContainsKey(spec.Name)) throw new ArgumentException($"Input '{spec.Name}' is missing.", nameof(inputs));
            HostArray? array = (spec.IsOutput ? outputs : inputs).GetValueOrDefault(spec.Name);
            if (array is not null && !array.Shape.AsSpan().SequenceEqual(spec.Shape.AsSpan()))
                throw new ArgumentException($"'{spec.Name}' has shape [{string.Join(", ", array.Shape)}]. Expected [{string.Join(", ", spec.Shape)}].", spec.Name);
        }

        return new CaseExpectation(operation, operationCase, Fill, outputs, 0, long.MaxValue, cancellation);

        void Fill(HostOperands operands)
        {
            for (int i = 0; i < operands.Count; i++)
            {
                if (operands[i] is not { } storage || operationCase.Problem.Operands[i] is not { IsOutput: false } spec) continue;
                inputs[spec.Name].Bytes.CopyTo(storage.Bytes[(operands.Offset * spec.DType.SizeOf())..]);
            }
        }
    }

    /// <summary>Judges outputs in storage laid out like <see cref="Operands"/>.</summary>
    /// <param name="outputs">Inputs and outputs as they came back from the device.</param>
    /// <returns>The worst verdict over all outputs, with the operand named in its reason.</returns>
    public ToleranceVerdict Judge(HostOperands outputs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        var worst = new ToleranceVerdict(true, 0, 0, -1, string.Empty);
        for (int i = 0; i < expected.Length; i++)
        {
            if (Case.Problem.Operands[i] is not { } spec) continue;
            if (Damage(spec, i, outputs) is { } damage) return new ToleranceVerdict(false, double.PositiveInfinity, 0, -1, damage);
            if (expected[i] is not { } output) continue;
            double[] values = Gather(outputs[i]!, outputs.Offset, i, output.UnitLength);
            foreach (Tolerance tolerance in output.Tolerances)
            {
                ToleranceVerdict verdict = tolerance.Judge(values);
                if (!verdict.Passed)
                {
                    string against = tolerance == output.Tolerance ? string.Empty : "against the stored reference, ";
                    return verdict with { Reason = $"{spec.Name}[{Position(verdict.WorstIndex, output.UnitLength)}]: {against}{verdict.Reason}" };
                }

                if (Share(verdict) >= Share(worst)) worst = verdict;
            }
        }

        return worst;
    }

    /// <inheritdoc/>
    public void Dispose() => Operands.Dispose();

    private static double Share(ToleranceVerdict verdict) => verdict.Allowed > 0 ? verdict.WorstError / verdict.Allowed : 0;

    private static long[] SampleUnits(long count, long most, ulong seed)
    {
        if (count <= most) return [.. LongRange(count)];
        var random = new SeededRandom(seed);
        var chosen = new SortedSet<long> { 0, count - 1 };
        while (chosen.Count < most) chosen.Add((long)(random.NextUniform() * count));
        return [.. chosen];
    }

    private static IEnumerable<long> LongRange(long count)
    {
        for (long i = 0; i < count; i++) yield return i;
    }

    private Expected?[] Compute(CancellationToken cancellation)
    {
        IReadOnlyList<OperandSpec?> specs = Case.Problem.Operands;
        var results = new Expected?[specs.Count];
        for (int i = 0; i < specs.Count; i++)
        {
            if (specs[i] is { IsOutput: true } && units.Length > 0)
                results[i] = new Expected(Case.Problem.UnitSegment(i, 0).Length, units.Length);
            else if (specs[i] is { IsOutput: true })
                results[i] = new Expected(0, 0);
        }

        Parallel.For(0, units.Length, new ParallelOptions { CancellationToken = cancellation }, n =>
        {
            double[]?[] part = [.. results.Select(r => r is null ? null : new double[r.UnitLength])];
            Operation.ReferenceUnit(Case.Problem, Operands, units[n], part);
            Keep(part, n, r => r.Reference);
            Operation.NaiveUnit(Case.Problem, Operands, units[n], part);
            Keep(part, n, r => r.Naive);
            bool telling = Operation.FaultyUnit(Case.Problem, Operands, units[n], part);
            if (telling) Keep(part, n, r => r.Faulty);
            else foreach (Expected? r in results) r?.Reference.AsSpan(n * r.UnitLength, r.UnitLength).CopyTo(r.Faulty.AsSpan(n * r.UnitLength));
        });
        for (int i = 0; i < specs.Count; i++)
            if (results[i] is { } r) r.Tolerance = new Tolerance(r.Reference, r.Naive, specs[i]!.DType.UnitRoundoff());
        return results;

        void Keep(double[]?[] part, int n, Func<Expected, double[]> where)
        {
            for (int i = 0; i < part.Length; i++)
                if (results[i] is { } r) part[i]!.CopyTo(where(r), n * r.UnitLength);
        }
    }

    private string? CheckControls()
    {
        Expected[] outputs = [.. expected.OfType<Expected>()];
        if (outputs.All(o => o.Reference.Length == 0)) return null;
        bool zerosPass = outputs.All(o => o.Tolerance.Judge(new double[o.Reference.Length]).Passed);
        if (zerosPass) return "control not detected: an output of zeros would pass";
        bool differs = outputs.Any(o => !o.Faulty.AsSpan().SequenceEqual(o.Reference));
        bool faultyPasses = outputs.All(o => o.Tolerance.Judge(o.Faulty).Passed);
        return differs && faultyPasses ? "control not detected: an output with a tile dropped would pass" : null;
    }

    /// <summary>Holds the own reference against the stored one, and keeps the stored one as a second judge.</summary>
    private string? CheckStored(IReadOnlyDictionary<string, HostArray> stored)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            if (expected[i] is not { } output || !stored.TryGetValue(Case.Problem.Operands[i]!.Name, out HostArray? array)) continue;
            output.StoredTolerance = output.Tolerance.Around(Gather(array, 0, i, output.UnitLength));
            ToleranceVerdict verdict = output.StoredTolerance.Judge(output.Reference);
            if (!verdict.Passed)
                return $"the stored {Case.Problem.Operands[i]!.Name} and the reference computed here differ at {Position(verdict.WorstIndex, output.UnitLength)}: {verdict.Reason}";
        }

        return null;
    }

    private double[] Gather(HostArray storage, int offset, int operand, int unitLength)
    {
        var values = new double[units.Length * unitLength];
        for (int n = 0; n < units.Length; n++)
        {
            long start = offset + Case.Problem.UnitSegment(operand, units[n]).Offset;
            for (int d = 0; d < unitLength; d++) values[(n * unitLength) + d] = Storage.Read(storage, start + d);
        }

        return values;
    }

    private string Position(int index, int unitLength) => index < 0 || unitLength == 0 ? "?" : $"unit {units[index / unitLength]}, element {index % unitLength}";

    /// <summary>Whether an input was changed, or a byte outside the elements of an output was written.</summary>
    private string? Damage(OperandSpec spec, int operand, HostOperands outputs)
    {
        ReadOnlySpan<byte> before = Operands[operand]!.Bytes;
        ReadOnlySpan<byte> after = outputs[operand]!.Bytes;
        if (!spec.IsOutput)
            return before.SequenceEqual(after) ? null : $"input '{spec.Name}' was written to at byte {before.CommonPrefixLength(after)}";
        int size = spec.DType.SizeOf();
        var written = new bool[outputs[operand]!.Length];
        MarkElements(spec, outputs.Offset, written);
        for (int i = 0; i < written.Length; i++)
        {
            if (!written[i] && !before.Slice(i * size, size).SequenceEqual(after.Slice(i * size, size)))
                return $"output '{spec.Name}' was written outside its elements, at element {i - outputs.Offset} of its storage";
        }

        return null;
    }

    private static void MarkElements(OperandSpec spec, long offset, bool[] written)
    {
        if (spec.ElementCount == 0) return;
        var index = new long[spec.Shape.Length];
        int inner = spec.Shape.Length - 1;
        while (true)
        {
            long start = offset;
            for (int i = 0; i < inner; i++) start += index[i] * spec.Strides[i];
            for (long d = 0; d < spec.Shape[inner]; d++) written[start + (d * spec.Strides[inner])] = true;
            int axis = inner - 1;
            while (axis >= 0 && ++index[axis] == spec.Shape[axis]) index[axis--] = 0;
            if (axis < 0) return;
        }
    }

    private sealed class Expected(int unitLength, int count)
    {
        public int UnitLength { get; } = unitLength;

        public double[] Reference { get; } = new double[unitLength * count];

        public double[] Naive { get; } = new double[unitLength * count];

        public double[] Faulty { get; } = new double[unitLength * count];

        public Tolerance Tolerance { get; set; } = new([], [], 0);

        public Tolerance? StoredTolerance { get; set; }

        public IEnumerable<Tolerance> Tolerances => StoredTolerance is null ? [Tolerance] : [Tolerance, StoredTolerance];
    }
}
