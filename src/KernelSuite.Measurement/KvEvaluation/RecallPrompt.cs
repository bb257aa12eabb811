namespace KernelSuite.Measurement;

/// <summary>A question whose answer stands in the prompt.</summary>
/// <param name="Prompt">Table, filler and the key that is asked for.</param>
/// <param name="Answer">What follows when it was found, terminator included.</param>
public sealed record RecallPrompt(string Prompt, string Answer);
