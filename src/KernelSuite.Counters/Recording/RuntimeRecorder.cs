using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;

namespace KernelSuite.Counters.Recording;

/// <summary>Records the counters of a running .NET process over its diagnostic port (EventPipe), without touching the process.</summary>
public static class RuntimeRecorder
{
    /// <summary>
    /// Records until the duration is over, the process ends, or the recording is cancelled; what came until then is kept in each case.
    /// </summary>
    /// <exception cref="CounterRecordingException">The process is not there, is no .NET process, or refuses.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static async Task<RecordingSummary> Record(RecordedTable table, RuntimeRecordOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(options);
        if (options.IntervalMilliseconds is < 10 or > 3_600_000)
            throw new ArgumentException($"The interval is {options.IntervalMilliseconds} ms. Expected 10 to 3,600,000.", nameof(options));
        if (options.Duration is { } asked && (asked <= TimeSpan.Zero || asked > TimeSpan.FromDays(30)))
            throw new ArgumentException($"The duration is {asked}. Expected more than nothing and at most 30 days.", nameof(options));
        using EventPipeSession session = Open(options);
        using var source = new EventPipeEventSource(session.EventStream);
        var counters = new RuntimeCounters(table);
        source.Dynamic.All += counters.Take;
        Task reading = Task.Run(source.Process, CancellationToken.None);
        try
        {
            await Ended(reading).WaitAsync(options.Duration ?? Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(false);
        }
        catch (Exception thrown) when (thrown is TimeoutException or OperationCanceledException)
        {
            await Stop(session).ConfigureAwait(false);
            await Ended(reading).ConfigureAwait(false);
        }

        if (table.Rows == 0)
        {
            throw new CounterRecordingException(
                $"The process {options.ProcessId} sent no counter of {RuntimeCounters.Provider}. Expected one each interval; record for longer "
                + $"than {options.IntervalMilliseconds} ms.");
        }

        string[] warnings = counters.Levels.Count == 0 ? [] : [$"levels, which are no counts, were left out: {string.Join(", ", counters.Levels)}"];
        return new RecordingSummary(counters.Rounds, table.Rows, warnings);
    }

    private static EventPipeSession Open(RuntimeRecordOptions options)
    {
        string seconds = (options.IntervalMilliseconds / 1000.0).ToString("R", CultureInfo.InvariantCulture);
        var arguments = new Dictionary<string, string> { ["EventCounterIntervalSec"] = seconds };
        try
        {
            var provider = new EventPipeProvider(RuntimeCounters.Provider, EventLevel.Informational, (long)EventKeywords.None, arguments);
            return new DiagnosticsClient(options.ProcessId).StartEventPipeSession([provider], requestRundown: false);
        }
        catch (Exception thrown) when (thrown is DiagnosticsClientException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            throw new CounterRecordingException(
                $"The process {options.ProcessId} does not answer as a .NET process: {thrown.Message} Expected a running one of the same user "
                + "and TMPDIR, with "
                + "DOTNET_EnableDiagnostics not 0.", thrown);
        }
    }

    /// <summary>Asks the process to end the session; one that is gone has ended it.</summary>
    private static async Task Stop(EventPipeSession session)
    {
        try
        {
            await session.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception thrown) when (thrown is DiagnosticsClientException or IOException or TimeoutException)
        {
        }
    }

    /// <summary>A process that ends cuts its stream off, which is no fault of the recording.</summary>
    private static async Task Ended(Task reading)
    {
        try
        {
            await reading.ConfigureAwait(false);
        }
        catch (Exception thrown) when (thrown is IOException or FormatException or EndOfStreamException)
        {
        }
    }
}
