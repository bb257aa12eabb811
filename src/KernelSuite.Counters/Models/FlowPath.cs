namespace KernelSuite.Counters.Models;

/// <summary>What a path chose.</summary>
/// <param name="Property">The property.</param>
/// <param name="Value">Its value.</param>
public readonly record struct FlowDecision(string Property, string Value);

/// <summary>One way through a model.</summary>
/// <param name="Decisions">What was decided, in the order of the first switches.</param>
/// <param name="Actions">What happened, in order.</param>
/// <param name="Counts">How often each counter ticked, in the model's order.</param>
public sealed record FlowPath(IReadOnlyList<FlowDecision> Decisions, IReadOnlyList<string> Actions, IReadOnlyList<long> Counts);
