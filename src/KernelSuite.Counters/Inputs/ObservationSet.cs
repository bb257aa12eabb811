using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Inputs;

/// <summary>What files of samples were summarised to.</summary>
/// <param name="Observations">One a configuration, in order of first appearance.</param>
/// <param name="Report">What was read and what was left out.</param>
public sealed record ObservationSet(IReadOnlyList<Observation> Observations, ReadReport Report);
