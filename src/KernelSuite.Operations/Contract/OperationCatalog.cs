namespace KernelSuite.Operations;

/// <summary>The operations of the suite.</summary>
public static class OperationCatalog
{
    /// <summary>All operations, by name.</summary>
    public static IReadOnlyList<Operation> All { get; } =
    [
        Attention.AttentionOperation.Instance,
        Decode.DecodeOperation.Instance,
        Decode.DecodeOperation.Mixed,
        Scoring.MomentsOperation.Instance,
        Scoring.ScoresOperation.Instance,
        Selection.TopKOperation.Instance,
        KvStorage.KvCompactOperation.Instance,
        KvStorage.KvQuantizeOperation.Instance,
        KvStorage.KvDequantizeOperation.Instance,
        KvStorage.KvQuantizeGroupsOperation.Instance,
        Counters.Moments.CounterMomentsOperation.Instance,
        Counters.Distance.ConeDistanceOperation.Instance,
    ];

    /// <summary>Finds an operation by name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static Operation Find(string name) => All.FirstOrDefault(o => o.Name == name)
        ?? throw new ArgumentException($"There is no operation '{name}'. Known: {string.Join(", ", All.Select(o => o.Name))}.", nameof(name));
}
