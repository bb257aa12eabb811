namespace KernelSuite.Cli;

/// <summary>Exit codes; part of the documented interface.</summary>
public static class ExitCode
{
    /// <summary>All is well.</summary>
    public const int Ok = 0;

    /// <summary>A check failed, a number was refused, or a device failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line, a file or an array is wrong.</summary>
    public const int BadInput = 2;

    /// <summary>A device that was asked for is not here.</summary>
    public const int DeviceUnavailable = 3;

    /// <summary>Nothing was run: no case matched, or no device supports what did.</summary>
    public const int NothingRun = 4;

    /// <summary>A defect of the suite.</summary>
    public const int Internal = 70;

    /// <summary>Stopped by Ctrl-C or SIGTERM.</summary>
    public const int Cancelled = 130;

    /// <summary>The table in <c>--help</c>.</summary>
    public const string Help =
        "Exit codes: 0 ok; 1 a check failed, a number was refused or a device failed; 2 wrong usage or input; 3 device not available; "
        + "4 nothing was run; 70 internal error; 130 cancelled.";
}
