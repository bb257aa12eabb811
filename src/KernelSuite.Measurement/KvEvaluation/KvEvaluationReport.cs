namespace KernelSuite.Measurement;

/// <summary>A policy at a budget: means over all sequences where nothing else is said. What was not asked for is NaN (null in JSON).</summary>
/// <param name="Policy">Policy.</param>
/// <param name="Budget">Budget as it was stated.</param>
/// <param name="BitsPerByte">Of the scored bytes of the text.</param>
/// <param name="Recall">Share of recall prompts whose whole answer is right, 0 to 1.</param>
/// <param name="RecallDigits">Share of the answers' digits that are right, 0 to 1.</param>
/// <param name="BytesHeld">Bytes held at the end of a sequence, from the cache's buffers.</param>
/// <param name="TokensOriginal">Tokens in full at the end of a sequence, of a layer and KV head.</param>
/// <param name="TokensQuantised">Tokens quantised, likewise.</param>
/// <param name="TokensEvicted">Tokens given up, likewise.</param>
/// <param name="Purges">Purges while decoding, all sequences and layers together.</param>
/// <param name="MsPerToken">Milliseconds of a decode step; the median over the sequences.</param>
public sealed record KvResult(
    string Policy, string Budget, double BitsPerByte, double Recall, double RecallDigits, double BytesHeld, double TokensOriginal, double TokensQuantised, double TokensEvicted,
    int Purges, double MsPerToken);

/// <summary>Tokens of a layer by state at the end of a sequence: means over sequences and KV heads.</summary>
/// <param name="Policy">Policy.</param>
/// <param name="Budget">Budget.</param>
/// <param name="Layer">Layer.</param>
/// <param name="TokensOriginal">In full.</param>
/// <param name="TokensQuantised">Quantised.</param>
/// <param name="TokensEvicted">Given up.</param>
public sealed record KvLayerResult(string Policy, string Budget, int Layer, double TokensOriginal, double TokensQuantised, double TokensEvicted);

/// <summary>Bytes of one kind of sequence.</summary>
/// <param name="Policy">Policy.</param>
/// <param name="Budget">Budget.</param>
/// <param name="Task"><c>recall</c> or <c>text</c>.</param>
/// <param name="Sequences">Sequences.</param>
/// <param name="Tokens">Mean tokens of a sequence.</param>
/// <param name="BudgetBytes">Mean budget.</param>
/// <param name="BytesHeld">Mean bytes held at the end.</param>
/// <param name="LargestShare">Largest share of its budget that a sequence ever held, 0 to 1.</param>
public sealed record KvByteRecord(string Policy, string Budget, string Task, int Sequences, double Tokens, double BudgetBytes, double BytesHeld, double LargestShare);

/// <summary>Two results held against each other on the same sequences.</summary>
/// <param name="Policy">Policy.</param>
/// <param name="Budget">Its budget.</param>
/// <param name="Against">The other policy.</param>
/// <param name="AgainstBudget">Its budget.</param>
/// <param name="Metric"><c>recall_digits</c> and <c>recall</c> in percentage points of what <c>full</c> gets right, or <c>bits_per_byte</c>.</param>
/// <param name="Difference">First minus second.</param>
/// <param name="Low">2.5 % point of the bootstrap over sequences.</param>
/// <param name="High">97.5 % point.</param>
/// <param name="PValue">Exact McNemar test, two-sided, of whole answers; NaN for the other metrics.</param>
public sealed record KvComparison(
    string Policy, string Budget, string Against, string AgainstBudget, string Metric, double Difference, double Low, double High, double PValue);

/// <summary>A recall result relative to <c>full</c>.</summary>
/// <param name="Policy">Policy.</param>
/// <param name="Budget">Budget.</param>
/// <param name="Digits">Right digits over those of <c>full</c>, 1 where equal.</param>
/// <param name="Low">2.5 % point of the bootstrap over prompts.</param>
/// <param name="High">97.5 % point.</param>
public sealed record KvRetention(string Policy, string Budget, double Digits, double Low, double High);

/// <summary>A policy that could not run at a budget.</summary>
/// <param name="Policy">Policy.</param>
/// <param name="Budget">Budget.</param>
/// <param name="Reason">Why.</param>
public sealed record KvRefusal(string Policy, string Budget, string Reason);

/// <summary>The model of an evaluation.</summary>
/// <param name="Directory">Folder.</param>
/// <param name="Layers">Layers.</param>
/// <param name="QueryHeads">Hq.</param>
/// <param name="KvHeads">Hk.</param>
/// <param name="HeadDim">D.</param>
/// <param name="Dtype">Storage of keys and values in full.</param>
/// <param name="BytesPerToken">Bytes of a token in full, all layers.</param>
public sealed record KvModelRecord(string Directory, int Layers, int QueryHeads, int KvHeads, int HeadDim, string Dtype, long BytesPerToken);

/// <summary>The sequences of an evaluation.</summary>
/// <param name="RecallPrompts">Recall prompts.</param>
/// <param name="TextWindows">Windows of text.</param>
/// <param name="PrefillBytes">Bytes of a window taken in with one prefill.</param>
/// <param name="ScoredBytes">Bytes of a window that were scored.</param>
/// <param name="Resamples">Resamples behind an interval.</param>
public sealed record KvTaskRecord(int RecallPrompts, int TextWindows, int PrefillBytes, int ScoredBytes, int Resamples);

/// <summary>Everything an evaluation measured.</summary>
/// <param name="Context">Machine, build and command.</param>
/// <param name="Device">The device that held the caches.</param>
/// <param name="Model">The model.</param>
/// <param name="Tasks">The sequences.</param>
/// <param name="Results">A policy at a budget each; <c>full</c> first, once.</param>
/// <param name="Layers">The same by layer.</param>
/// <param name="Bytes">The same by kind of sequence.</param>
/// <param name="Retained">Recall relative to <c>full</c>.</param>
/// <param name="Comparisons">Paired differences: each result against <c>full</c>, and the first policy against the others at the same budget.</param>
/// <param name="Refused">What could not run.</param>
public sealed record KvEvaluationReport(
    RunContext Context, DeviceRecord Device, KvModelRecord Model, KvTaskRecord Tasks, IReadOnlyList<KvResult> Results, IReadOnlyList<KvLayerResult> Layers,
    IReadOnlyList<KvByteRecord> Bytes, IReadOnlyList<KvRetention> Retained, IReadOnlyList<KvComparison> Comparisons, IReadOnlyList<KvRefusal> Refused);
