using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;
using KernelSuite.Operations.Counters.Distance;
using KernelSuite.Runtime;
using KernelSuite.Tests;
using Xunit;

namespace KernelSuite.Counters.Tests.Verdicts;

public class BatchedConeDistanceTests
{
    public static TheoryData<string> Devices => TestDevices.All;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Batches_give_what_single_observations_give(string id)
    {
        Device device = TestDevices.Shared(id);
        var probe = new ConeDistanceProblem(DType.Float64, 1, 1, 8, 8);
        Skip.If(!ConeDistanceOperation.Instance.Supports(device.Info, probe).IsSupported, "no double precision");
        const int P = 8;
        var random = new Random(23);
        SignatureSet[] models = [.. new[] { 12, 3, 21 }.Select(count => RandomCases.Signatures(random, P, count))];
        MeanRegion[] regions = [.. Enumerable.Range(0, 24).Select(b =>
            MeanRegion.Of(RandomCases.Observe(random, models[0].Counters, RandomCases.Point(random, models[b % 3], b % 4 * .2), 100, .05)))];
        BatchedDistances batch = BatchedConeDistance.Measure(device, models, regions);

        int outside = 0;
        for (int m = 0; m < models.Length; m++)
        {
            var single = new ConeDistance(models[m]);
            for (int b = 0; b < regions.Length; b++)
            {
                single.SetCovariance(regions[b].Covariance, regions[b].Scale);
                DistanceResult expected = single.Measure(regions[b].Mean);
                BatchedDistance actual = batch[b, m];
                Assert.True(actual.Solved);

                // Rounding is relative to |W mean|², of which a distance may be a small part.
                Assert.Equal(expected.Squared, actual.Squared, 1e-7 * (1 + expected.Squared));
                if (expected.Squared < 1) continue;
                outside++;
                Assert.Equal((expected.Rank, expected.Freedom), (actual.Rank, actual.Freedom));
                Assert.Equal(single.Active.ToArray().Order(), batch.Active(b, m).Select(a => a.Signature));
                var weights = new double[models[m].Count];
                single.CopyWeights(weights);
                foreach (ActiveSignature active in batch.Active(b, m)) Assert.Equal(weights[active.Signature], active.Weight, 1e-6 * weights.Max());
                var direction = new double[P];
                single.CopyDirection(direction);
                double largest = direction.Max(Math.Abs);
                for (int i = 0; i < P; i++) Assert.Equal(direction[i], batch.Direction(b, m)[i] * regions[b].Scale[i], 1e-6 * largest);
            }
        }

        Assert.True(outside > 10, "too few observations are outside of a cone to say anything");
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Device device = TestDevices.Shared("cpu");
        var random = new Random(1);
        SignatureSet small = RandomCases.Signatures(random, 3, 4), other = RandomCases.Signatures(random, 4, 4);
        SignatureSet wide = new(RandomCases.Counters(65), [[.. Enumerable.Repeat(1L, 65)]]);
        Assert.False(BatchedConeDistance.Fits([small, other]));
        Assert.False(BatchedConeDistance.Fits([wide]));
        Assert.False(BatchedConeDistance.Fits([]));
        Assert.True(BatchedConeDistance.Fits([small, small]));
        Assert.Throws<ArgumentException>(() => BatchedConeDistance.Measure(device, [wide], []));
        MeanRegion region = MeanRegion.Of(RandomCases.Observe(random, other.Counters, [1, 2, 3, 4], 50, .1));
        ArgumentException error = Assert.Throws<ArgumentException>(() => BatchedConeDistance.Measure(device, [small], [region]));
        Assert.Contains("Region 0", error.Message, StringComparison.Ordinal);
        BatchedDistances none = BatchedConeDistance.Measure(device, [small], []);
        Assert.Equal(0, none.Observations);
        Assert.Throws<ArgumentOutOfRangeException>(() => none[0, 0]);
    }
}
