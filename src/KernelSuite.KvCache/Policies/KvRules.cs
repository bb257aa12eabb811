using KernelSuite.Operations.KvStorage;
using KernelSuite.Operations.Scoring;

namespace KernelSuite.KvCache;

/// <summary>How prefill scores the prompt's tokens.</summary>
internal enum PrefillScore
{
    /// <summary>Not at all: the newest win.</summary>
    Recency,

    /// <summary>mean + gamma * var of the last rows' probabilities, and the layer's statistics (attention_moments).</summary>
    Moments,

    /// <summary>Column sums of the last rows (attention_scores).</summary>
    WindowSums,

    /// <summary>Column sums of all rows (attention_scores).</summary>
    AllSums,
}

/// <summary>How a purge ranks tokens while decoding.</summary>
internal enum DecodeScore
{
    /// <summary>Nothing is ever purged: a full budget is an error.</summary>
    Never,

    /// <summary>The newest win.</summary>
    Recency,

    /// <summary>Probabilities of the step that purges.</summary>
    Latest,

    /// <summary>Probabilities of every step, summed with a decay.</summary>
    Accumulated,
}

/// <summary>How the budget is divided over the layers.</summary>
internal enum LayerRule
{
    /// <summary>Equal parts.</summary>
    Uniform,

    /// <summary>A straight line from the first layer down to the last.</summary>
    Pyramid,

    /// <summary>In proportion to the layers' OQ scores.</summary>
    Statistics,
}

/// <summary>A policy in the terms of the paged store, which knows policies only through this record.</summary>
internal sealed record KvRules
{
    public required PrefillScore Prefill { get; init; }

    public required DecodeScore Decode { get; init; }

    /// <summary>Format of demoted tokens; null where tokens are evicted at once.</summary>
    public KvFormat? Format { get; init; }

    public LayerRule Layers { get; init; } = LayerRule.Uniform;

    /// <summary>Exponent on the OQ score in a layer's weight.</summary>
    public double LayerSpread { get; init; } = 1;

    /// <summary>Least share of a layer as a multiple of the mean.</summary>
    public double LayerFloor { get; init; }

    /// <summary>Largest share of a layer as a multiple of the mean.</summary>
    public double LayerCap { get; init; } = 1;

    /// <summary>First positions that are never demoted.</summary>
    public int Sinks { get; init; }

    /// <summary>Newest tokens that are never demoted.</summary>
    public int Window { get; init; } = 8;

    /// <summary>Where positive, the window is this share of the tokens that a layer can hold.</summary>
    public double WindowShare { get; init; }

    /// <summary>Rows that prefill observes.</summary>
    public int Observation { get; init; } = 32;

    public float Gamma { get; init; }

    public int Taps { get; init; } = 1;

    /// <summary>Weight of the sum so far when a step's probabilities are added.</summary>
    public float Decay { get; init; } = 1;

    /// <summary>Least share of the bytes beyond sinks and window that holds originals.</summary>
    public double OriginalShare { get; init; }

    public OqExponents Tau { get; init; } = OqExponents.Published;

    public double PyramidBeta { get; init; } = 20;

    public void Validate(KvCacheShape shape)
    {
        Range(Sinks, 0, 1 << 20, nameof(Sinks));
        Range(Window, 0, 1 << 20, nameof(Window));
        Range(Observation, 2, MomentsProblem.MaxWindow, nameof(Observation));
        Range(Taps, 1, 31, nameof(Taps));
        if (Taps % 2 == 0) throw new ArgumentOutOfRangeException(nameof(Taps), Taps, $"Taps is {Taps}. Expected an odd number: the pooling window is centred.");
        Real(Gamma, 0, 1e9, nameof(Gamma));
        Real(Decay, 0, 1, nameof(Decay));
        Real(OriginalShare, 0, 1, nameof(OriginalShare));
        Real(WindowShare, 0, 0.95, nameof(WindowShare));
        Real(LayerSpread, 0, 8, nameof(LayerSpread));
        Real(LayerFloor, 0, 1, nameof(LayerFloor));
        Real(LayerCap, 1, 64, nameof(LayerCap));
        Real(PyramidBeta, 1, 1e6, nameof(PyramidBeta));
        Tau.Validate();
        if (Format is { } format)
        {
            if (!Enum.IsDefined(format)) throw new ArgumentOutOfRangeException(nameof(Format), format, "Expected E4M3 or Int4.");
            if (format.Refuses(shape.HeadDim) is { } reason) throw new ArgumentException(reason, nameof(Format));
        }
    }

    private static void Range(int value, int from, int to, string name)
    {
        if (value < from || value > to) throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}. Expected {from} to {to}.");
    }

    private static void Real(double value, double from, double to, string name)
    {
        if (!(value >= from && value <= to)) throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}. Expected {from} to {to}.");
    }
}
