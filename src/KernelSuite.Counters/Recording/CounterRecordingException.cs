namespace KernelSuite.Counters.Recording;

/// <summary>
/// Counters cannot be recorded here: a tool is missing or failed, or the machine does not count what was asked for. The message says what to do
/// next.
/// </summary>
public sealed class CounterRecordingException : Exception
{
    /// <summary>Says what failed, what was expected and what to do next.</summary>
    public CounterRecordingException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
