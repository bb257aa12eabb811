using System.Text;

namespace KernelSuite.Runtime;

/// <summary>One attempt to find or load something: what was tried and what came of it.</summary>
/// <param name="Target">The path or name that was tried.</param>
/// <param name="Succeeded">Whether the attempt gave what was wanted.</param>
/// <param name="Outcome">The loader's or driver's own words.</param>
public sealed record LoadAttempt(string Target, bool Succeeded, string Outcome);

/// <summary>All that was tried while a backend looked for its library and devices, in order.</summary>
/// <param name="Attempts">The attempts, first to last.</param>
public sealed record LoadTrace(IReadOnlyList<LoadAttempt> Attempts)
{
    /// <summary>A trace of nothing.</summary>
    public static LoadTrace Empty { get; } = new([]);

    /// <summary>One line an attempt, fit for an error message.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (LoadAttempt attempt in Attempts)
            text.Append(attempt.Succeeded ? "  ok   " : "  fail ").Append(attempt.Target).Append(": ").AppendLine(attempt.Outcome);
        return text.ToString().TrimEnd();
    }
}
