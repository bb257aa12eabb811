using KernelSuite.Measurement;
using Spectre.Console;

namespace KernelSuite.Cli.Output;

/// <summary>A progress line on standard error while work runs; nothing at all where standard error is no terminal.</summary>
internal static class ProgressView
{
    public static T Run<T>(CliHost host, Func<IProgress<SuiteProgress>?, T> work)
    {
        if (!host.ErrorConsole.Profile.Out.IsTerminal || !host.ErrorConsole.Profile.Capabilities.Ansi) return work(null);

        // Drawn only when something is reported: a refreshing thread would compete with what is being timed.
        T result = default!;
        host.ErrorConsole.Progress().AutoRefresh(false).AutoClear(true).HideCompleted(false)
            .Columns(new ProgressBarColumn { Width = 20 }, new PercentageColumn(), new ElapsedTimeColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context => result = work(new Reporter(context, context.AddTask("starting"))));
        return result;
    }

    private sealed class Reporter(ProgressContext context, ProgressTask task) : IProgress<SuiteProgress>
    {
        public void Report(SuiteProgress value)
        {
            task.MaxValue = Math.Max(1, value.Total);
            task.Value = value.Done;
            task.Description = Markup.Escape(value.Activity);
            context.Refresh();
        }
    }
}
