using System.Numerics.Tensors;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Verdicts;

/// <summary>The point of a model's cone that is nearest to a mean, whoever found it: <see cref="ConeDistance"/>, or a batch on a device.</summary>
/// <param name="Squared">d², in squared standard deviations.</param>
/// <param name="Freedom">Counters less active signatures.</param>
/// <param name="Rounds">Rounds of the solver; 0 where they are not known.</param>
/// <param name="Solved">Whether the optimum was reached.</param>
/// <param name="Active">Signatures that carry the point, in their order.</param>
/// <param name="Direction">w = Σ⁻¹ (m - y), in scaled counters.</param>
internal sealed record NearestPoint(double Squared, int Freedom, int Rounds, bool Solved, ActiveSignature[] Active, double[] Direction)
{
    // Devices and the managed solver differ by 1e-9 of a distance where a counter is constant, by less elsewhere.
    private const double Rounding = 1e-6;

    /// <summary>Solves for a region.</summary>
    public static NearestPoint Of(ConeDistance distance, MeanRegion region)
    {
        distance.SetCovariance(region.Covariance, region.Scale);
        DistanceResult nearest = distance.Measure(region.Mean);
        var weights = new double[distance.Signatures.Count];
        distance.CopyWeights(weights);
        int[] active = distance.Active.ToArray();
        Array.Sort(active);
        var direction = new double[region.Counters.Count];
        distance.CopyDirection(direction);
        return new NearestPoint(nearest.Squared, nearest.Freedom, nearest.Rounds, nearest.Solved,
            Array.ConvertAll(active, j => new ActiveSignature(j, weights[j])), direction);
    }

    /// <summary>What a batch found; null where it did not reach the optimum, or where <see cref="Holds"/> denies it.</summary>
    public static NearestPoint? Of(BatchedDistances batch, int observation, MeanRegion region, SignatureSet signatures)
    {
        BatchedDistance distance = batch[observation, 0];
        if (!distance.Solved) return null;
        ActiveSignature[] active = batch.Active(observation, 0);
        double[] direction = batch.Direction(observation, 0).ToArray();
        for (int i = 0; i < direction.Length; i++) direction[i] *= region.Scale[i];
        var found = new NearestPoint(distance.Squared, distance.Freedom, 0, true, active, direction);
        return found.Holds(region, signatures) ? found : null;
    }

    /// <summary>
    /// Whether the numbers fit together: Σ w = m - y ties weights and direction to the mean, d² = w · (m - y) the distance to both, and the freedom
    /// counts the weights. A weight so small that rounding decides whether it is one leaves the freedom open; this says no there too.
    /// </summary>
    public bool Holds(MeanRegion region, SignatureSet signatures)
    {
        int p = region.Counters.Count;
        if (Freedom != p - Active.Length || !double.IsFinite(Squared)) return false;
        foreach (ActiveSignature one in Active)
        {
            double most = 0;
            for (int i = 0; i < p; i++) most = Math.Max(most, one.Weight * signatures[one.Signature][i] / region.Scale[i]);
            if (!(most > Rounding * Rounding)) return false;
        }

        double[] offset = Point(signatures);
        for (int i = 0; i < p; i++) offset[i] = region.Mean[i] - offset[i] / region.Scale[i];
        for (int i = 0; i < p; i++)
            if (!(Math.Abs(TensorPrimitives.Dot(region.Covariance.AsSpan(i * p, p), Direction) - offset[i]) <= MeanRegion.Slack / 10)) return false;
        return Math.Abs(TensorPrimitives.Dot<double>(Direction, offset) - Squared) <= Rounding * (1 + Squared);
    }

    /// <summary>y, in the counters' own units.</summary>
    public double[] Point(SignatureSet signatures)
    {
        var point = new double[signatures.Counters.Count];
        foreach (ActiveSignature one in Active)
        {
            ReadOnlySpan<long> signature = signatures[one.Signature];
            for (int i = 0; i < point.Length; i++) point[i] += one.Weight * signature[i];
        }

        return point;
    }
}
