using KernelSuite.Counters.Inputs;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Recording;
using KernelSuite.KvCache;
using KernelSuite.KvCache.Decoding;
using KernelSuite.Measurement;
using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Cli;

/// <summary>From an exception to a message and an exit code. The stack trace is shown only if KSUITE_TRACE=1.</summary>
internal static class ErrorReport
{
    public static int Write(Exception error, TextWriter writer)
    {
        if (error is AggregateException { InnerExceptions.Count: 1 } aggregate) error = aggregate.InnerExceptions[0];
        int code = CodeOf(error);
        writer.WriteLine(code switch
        {
            ExitCode.Cancelled => "ksuite: cancelled; no file is left half-written",
            ExitCode.Internal => $"ksuite: internal error: {error.GetType().Name}: {error.Message} (KSUITE_TRACE=1 shows where)",
            _ => $"ksuite: {Message(error)}",
        });
        if (Environment.GetEnvironmentVariable("KSUITE_TRACE") == "1") writer.WriteLine(error);
        return code;
    }

    private static int CodeOf(Exception error) => error switch
    {
        OperationCanceledException => ExitCode.Cancelled,
        DeviceUnavailableException => ExitCode.DeviceUnavailable,
        DeviceException or CounterRecordingException or OutOfMemoryException => ExitCode.Failed,
        ArgumentNullException => ExitCode.Internal,
        ArgumentException or NpyFormatException or ModelFormatException or RecallFormatException or KvCacheBudgetException or ResourceBaselineException or CudaBundleException or FlowModelException or CounterFormatException or IOException or UnauthorizedAccessException or NotSupportedException => ExitCode.BadInput,
        _ => ExitCode.Internal,
    };

    /// <summary>The message without the suffix that .NET appends to name the C# parameter.</summary>
    private static string Message(Exception error)
    {
        if (error is not ArgumentException { ParamName: { } name }) return error.Message;
        string suffix = $" (Parameter '{name}')";
        return error.Message.Replace(suffix, string.Empty, StringComparison.Ordinal);
    }
}
