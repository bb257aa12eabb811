namespace KernelSuite.Counters.Recording;

/// <summary>What a recording wrote.</summary>
/// <param name="Rounds">Samples begun; a last one may be incomplete and is then dropped when it is read.</param>
/// <param name="Rows">Rows of the table.</param>
/// <param name="Warnings">What a person should know.</param>
public sealed record RecordingSummary(long Rounds, long Rows, IReadOnlyList<string> Warnings);
