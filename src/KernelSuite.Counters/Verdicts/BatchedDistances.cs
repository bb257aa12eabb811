using KernelSuite.Counters.Cones;
using KernelSuite.Operations.Counters.Distance;
using KernelSuite.Operations.Launching;

namespace KernelSuite.Counters.Verdicts;

/// <summary>Distances of observations from models, with what carries and what proves them.</summary>
public sealed class BatchedDistances
{
    private readonly IReadOnlyList<SignatureSet> models;
    private readonly double[] squared, weights, directions;
    private readonly int[] ranks, status;
    private readonly int p, n;

    internal BatchedDistances(int observations, IReadOnlyList<SignatureSet> models, int p, int n)
    {
        (Observations, this.models, this.p, this.n) = (observations, models, p, n);
        int pairs = checked(observations * models.Count);
        (squared, ranks, status) = (new double[pairs], new int[pairs], new int[pairs]);
        (weights, directions) = (new double[checked(pairs * n)], new double[checked(pairs * p)]);
    }

    /// <summary>Number of observations.</summary>
    public int Observations { get; }

    /// <summary>Number of models.</summary>
    public int Models => models.Count;

    /// <summary>Distance of an observation from a model.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such observation or model.</exception>
    public BatchedDistance this[int observation, int model]
    {
        get
        {
            int pair = Pair(observation, model);
            return new BatchedDistance(squared[pair], ranks[pair], p - ranks[pair], status[pair] == 1);
        }
    }

    /// <summary>Signatures that carry the nearest point, in their order, with their weights in items per sample.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such observation or model.</exception>
    public ActiveSignature[] Active(int observation, int model)
    {
        int first = Pair(observation, model) * n;
        return [.. Enumerable.Range(0, models[model].Count).Where(j => weights[first + j] > 0)
            .Select(j => new ActiveSignature(j, weights[first + j]))];
    }

    /// <summary>w in the counters' own units: w · v ≤ 0 is the constraint of the model that the observation violates most significantly.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such observation or model.</exception>
    public ReadOnlySpan<double> Direction(int observation, int model) => directions.AsSpan(Pair(observation, model) * p, p);

    internal void Read(HostRun run, int start, int size)
    {
        int first = start * Models, count = size * Models;
        run.Read(ConeDistanceProblem.Distances, squared.AsSpan(first, count));
        run.Read(ConeDistanceProblem.Ranks, ranks.AsSpan(first, count));
        run.Read(ConeDistanceProblem.Status, status.AsSpan(first, count));
        run.Read(ConeDistanceProblem.Weights, weights.AsSpan(first * n, count * n));
        run.Read(ConeDistanceProblem.Directions, directions.AsSpan(first * p, count * p));
    }

    private int Pair(int observation, int model)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(observation);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(observation, Observations);
        ArgumentOutOfRangeException.ThrowIfNegative(model);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(model, Models);
        return observation * Models + model;
    }
}

/// <summary>What a distance of a batch is.</summary>
/// <param name="Squared">d², in squared standard deviations.</param>
/// <param name="Rank">Dimension of the cone's face on which the nearest point lies: number of active signatures.</param>
/// <param name="Freedom">Degrees of freedom of the conditional test: counters less <paramref name="Rank"/>.</param>
/// <param name="Solved">Whether the solver reached the optimum; if not, the distance is an upper bound.</param>
public readonly record struct BatchedDistance(double Squared, int Rank, int Freedom, bool Solved);
