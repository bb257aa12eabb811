using KernelSuite.Operations.Counters.Distance;
using KernelSuite.Operations.Tests.KvStorage;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Counters;

/// <summary>What a distance promises whatever the reference says: geometry of simple cones, certificates, ranks, counts.</summary>
public sealed class ConeDistanceTests
{
    public static TheoryData<string> Devices => TestDevices.All;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_quadrant_has_the_distances_of_a_quadrant(string id)
    {
        // Signatures (1, 0) and (0, 2): the nearest point clips negative coordinates. The factor weighs the second counter twice.
        double[] means = [3, 4, -3, 4, 3, -4, -3, -4, 0, 0];
        double[] expected = [0, 9, 64, 73, 0];
        int[] ranks = [2, 1, 1, 0, 0];
        double[] directions = [0, 0, -3, 0, 0, -16, -3, -16, 0, 0];
        double[] weights = [3, 2, 0, 2, 3, 0, 0, 0, 0, 0];
        var problem = new ConeDistanceProblem(DType.Float64, 5, 1, 2, 2, outputs: ConeDistanceOutputs.All);
        foreach (Implementation implementation in ConeDistanceOperation.Instance.Implementations(TestDevices.Shared(id).Info))
        {
            using OperandRun run = Run(
                id, problem, [.. Enumerable.Repeat<double[]>([1, 0, 0, 2], 5).SelectMany(f => f)], means, [1, 0, 0, 2], implementation.Name);
            Assert.Equal(expected, Rounded(run.Read<double>(ConeDistanceProblem.Distances)));
            Assert.Equal(ranks, run.Read<int>(ConeDistanceProblem.Ranks));
            Assert.Equal(weights, Rounded(run.Read<double>(ConeDistanceProblem.Weights)));
            Assert.Equal(directions, Rounded(run.Read<double>(ConeDistanceProblem.Directions)));
            Assert.All(run.Read<int>(ConeDistanceProblem.Status), status => Assert.Equal(1, status));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Certificates_prove_their_distances(string id)
    {
        const int B = 20, M = 2, P = 13, N = 27;
        var problem = new ConeDistanceProblem(DType.Float64, B, M, P, N, outputs: ConeDistanceOutputs.All);
        (double[] factors, double[] means, double[] signatures) = Random(B, M, P, N, 11);
        using OperandRun run = Run(id, problem, factors, means, signatures);
        double[] distances = run.Read<double>(ConeDistanceProblem.Distances), directions = run.Read<double>(ConeDistanceProblem.Directions);
        double[] weights = run.Read<double>(ConeDistanceProblem.Weights);
        int[] ranks = run.Read<int>(ConeDistanceProblem.Ranks);
        for (int pair = 0; pair < B * M; pair++)
        {
            ReadOnlySpan<double> w = directions.AsSpan(pair * P, P), mean = means.AsSpan(pair / M * P, P), f = weights.AsSpan(pair * N, N);
            double scale = Math.Sqrt(Dot(w, w) * Dot(mean, mean));
            Assert.True(distances[pair] > 1, "the cases are meant to lie outside");
            Assert.Equal(distances[pair], Dot(w, mean), 1e-9 * scale);
            int positive = 0;
            for (int j = 0; j < N; j++)
            {
                double product = Dot(w, signatures.AsSpan((((pair % M) * N) + j) * P, P));
                Assert.True(product < 1e-9 * scale, $"signature {j} is on the wrong side by {product}");
                Assert.True(f[j] >= 0);
                if (f[j] > 0) positive++;
                if (f[j] > 0) Assert.Equal(0, product, 1e-9 * scale);
            }

            Assert.Equal(positive, ranks[pair]);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Scaling_a_signature_changes_its_weight_only(string id)
    {
        const int B = 6, M = 1, P = 9, N = 14;
        var problem = new ConeDistanceProblem(DType.Float64, B, M, P, N, outputs: ConeDistanceOutputs.Weights);
        (double[] factors, double[] means, double[] signatures) = Random(B, M, P, N, 5);
        using OperandRun plain = Run(id, problem, factors, means, signatures);
        double[] scaled = [.. signatures.Select((value, i) => value * Math.Pow(10, (i / P % 7) - 3))];
        using OperandRun other = Run(id, problem, factors, means, scaled);
        double[] before = plain.Read<double>(ConeDistanceProblem.Distances), after = other.Read<double>(ConeDistanceProblem.Distances);
        for (int i = 0; i < before.Length; i++) Assert.Equal(before[i], after[i], 1e-9 * before[i]);
        double[] f = plain.Read<double>(ConeDistanceProblem.Weights), g = other.Read<double>(ConeDistanceProblem.Weights);
        for (int i = 0; i < f.Length; i++) Assert.Equal(f[i], g[i] * Math.Pow(10, (i % N % 7) - 3), 1e-9 * (1 + f[i]));
    }

    [Fact]
    public void Bounds_and_shapes_are_checked()
    {
        Assert.Throws<ArgumentException>(() => new ConeDistanceProblem(DType.Float16, 1, 1, 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConeDistanceProblem(DType.Float32, 1, 1, 65, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConeDistanceProblem(DType.Float32, 1, 1, 0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConeDistanceProblem(DType.Float32, 1, 1, 2, 257));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConeDistanceProblem(DType.Float32, -1, 1, 2, 2));
        using HostArray means = HostArray.Zeros(DType.Float64, [3, 4]), signatures = HostArray.Zeros(DType.Float64, [2, 5, 4]);
        using HostArray factors = HostArray.Zeros(DType.Float64, [3, 4, 5]);
        var inputs = new Dictionary<string, HostArray> { ["means"] = means, ["signatures"] = signatures, ["factors"] = factors };
        var error = Assert.Throws<ArgumentException>(() => ConeDistanceOperation.Instance.Bind(inputs, OptionValues.None));
        Assert.Contains("factors", error.Message, StringComparison.Ordinal);
    }

    private static OperandRun Run(
        string id, ConeDistanceProblem problem, double[] factors, double[] means, double[] signatures, string? implementation = null)
    {
        Device device = TestDevices.Shared(id);
        Support support = ConeDistanceOperation.Instance.Supports(device.Info, problem);
        Skip.If(!support.IsSupported, support.Reason);
        var run = new OperandRun(device, problem);
        run.Write(ConeDistanceProblem.Factors, factors);
        run.Write(ConeDistanceProblem.Means, means);
        run.Write(ConeDistanceProblem.Signatures, signatures);
        run.Launch(ConeDistanceOperation.Instance, implementation);
        return run;
    }

    /// <summary>Counts as signatures, a triangular factor, and means with a counter that no signature explains.</summary>
    private static (double[] Factors, double[] Means, double[] Signatures) Random(int b, int m, int p, int n, ulong seed)
    {
        var random = new SeededRandom(seed);
        double[] signatures = [.. Enumerable.Range(0, m * n * p).Select(_ =>
            random.NextUniform() < 0.5 ? 0 : Math.Floor(1 + (3 * random.NextUniform())))];
        double[] factors = [.. Enumerable.Range(0, b * p * p).Select(e =>
            e / p % p == e % p ? 1 : e / p % p > e % p ? 0.2 * random.NextNormal() : 0)];
        double[] means = [.. Enumerable.Range(0, b * p).Select(e => (10 * random.NextUniform()) - (e % p == 0 ? 20 : 0))];
        return (factors, means, signatures);
    }

    private static double[] Rounded(double[] values) => [.. values.Select(v => Math.Round(v, 9) + 0.0)];

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }
}
