namespace KernelSuite.Counters.Models;

/// <summary>A statement that one counter is the sum of others, which measurements may rely on where the total or a part is missing.</summary>
/// <param name="Total">The sum.</param>
/// <param name="Parts">The summands.</param>
public sealed record CounterGroup(string Total, IReadOnlyList<string> Parts);
