using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Verdicts;

/// <summary>A model on the counters that an observation has of it.</summary>
internal sealed class MeasuredModel
{
    private const int Named = 5;

    private ConeDistance? distance;

    public MeasuredModel(SignatureSet signatures, CounterSet observed)
    {
        Counters = signatures.Counters.Intersect(observed);
        Signatures = Counters.Count == 0 ? null : signatures.Project(Counters);
        string[] missing = [.. signatures.Counters.Where(name => !Counters.Contains(name))];
        if (missing.Length == 0) return;
        string more = missing.Length > Named ? $" and {missing.Length - Named} more" : "";
        Missing = new Warning(WarningKind.MissingCounters, $"Not measured: {string.Join(", ", missing.Take(Named))}{more}.");
    }

    /// <summary>The model's counters that were measured.</summary>
    public CounterSet Counters { get; }

    /// <summary>The signatures on these; null where there is none of them.</summary>
    public SignatureSet? Signatures { get; }

    /// <summary>The counters that were not measured; null where all were.</summary>
    public Warning? Missing { get; }

    /// <summary>The solver, made when it is first asked for.</summary>
    /// <exception cref="InvalidOperationException">No counter was measured.</exception>
    public ConeDistance Distance => distance ??= new ConeDistance(
        Signatures ?? throw new InvalidOperationException("No counter of the model was measured, so there is no distance."));
}
