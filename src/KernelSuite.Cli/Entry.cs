using System.Runtime.InteropServices;

namespace KernelSuite.Cli;

/// <summary>The process around <see cref="CliApp"/>: standard streams, encoding and signals.</summary>
internal static class Entry
{
    public static int Run(string[] args)
    {
        Console.OutputEncoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        using var cancellation = new CancellationTokenSource();

        // The first signal asks the work to stop; a second one is left to the system, which ends the process.
        void Stop(PosixSignalContext context)
        {
            if (cancellation.IsCancellationRequested) return;
            context.Cancel = true;
            Console.Error.WriteLine("ksuite: stopping; a second Ctrl-C ends at once");
            cancellation.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        return new CliApp().Run(args, Console.Out, Console.Error, cancellation.Token);
    }
}
