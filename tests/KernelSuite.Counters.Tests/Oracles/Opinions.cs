namespace KernelSuite.Counters.Tests.Oracles;

/// <summary>What several ways to judge say of one case: true where the model is refuted.</summary>
internal sealed record Opinions(string Case, params (string By, bool Refuted)[] All)
{
    public bool Refuted => All[0].Refuted;

    /// <summary>Null where all agree, or who says what.</summary>
    public string? Dispute => All.All(one => one.Refuted == Refuted) ? null
        : $"{Case}: {string.Join(", ", All.Select(one => $"{one.By} says {(one.Refuted ? "refuted" : "consistent")}"))}";

    /// <summary>The same with one opinion turned round.</summary>
    public Opinions Flipped(int which) => this with { All = [.. All.Select((one, k) => k == which ? (one.By, !one.Refuted) : one)] };
}
