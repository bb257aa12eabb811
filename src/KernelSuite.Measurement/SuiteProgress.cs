namespace KernelSuite.Measurement;

/// <summary>How far a long run is.</summary>
/// <param name="Done">Steps finished.</param>
/// <param name="Total">Steps in all.</param>
/// <param name="Activity">What is being done, for a status line.</param>
public readonly record struct SuiteProgress(int Done, int Total, string Activity);
