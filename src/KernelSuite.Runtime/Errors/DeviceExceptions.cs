namespace KernelSuite.Runtime;

/// <summary>A call to a device or its driver failed. Names the call, the device, the code and the next step.</summary>
public class DeviceException : Exception
{
    /// <summary>Creates the error of one failed call.</summary>
    /// <param name="message">The whole text: call, device, sizes, next step.</param>
    /// <param name="call">The driver entry point or runtime call that failed.</param>
    /// <param name="device">The device's id, for example <c>opencl:0</c>.</param>
    /// <param name="code">The driver's status code; 0 where the runtime itself refused.</param>
    /// <param name="inner">The error underneath, if any.</param>
    public DeviceException(string message, string call = "", string device = "", int code = 0, Exception? inner = null)
        : base(message, inner)
    {
        Call = call;
        Device = device;
        Code = code;
    }

    /// <summary>The driver entry point or runtime call that failed.</summary>
    public string Call { get; }

    /// <summary>The device's id, for example <c>opencl:0</c>.</summary>
    public string Device { get; }

    /// <summary>The driver's status code; 0 where the runtime itself refused.</summary>
    public int Code { get; }
}

/// <summary>No such device can be opened. Carries everything that was tried.</summary>
public sealed class DeviceUnavailableException(string device, string reason, LoadTrace trace)
    : DeviceException(
        trace.Attempts.Count == 0 ? reason : $"{reason}{Environment.NewLine}What was tried:{Environment.NewLine}{trace}", "open", device)
{
    /// <summary>The attempts that were made, in order.</summary>
    public LoadTrace Trace { get; } = trace;
}

/// <summary>A device allocation did not fit.</summary>
public sealed class DeviceOutOfMemoryException(string device, string call, int code, long requestedBytes, long availableBytes, string nextStep)
    : DeviceException(
        $"{device}: {call} could not get {requestedBytes:N0} bytes"
        + (availableBytes >= 0 ? $" ({availableBytes:N0} bytes are available)" : string.Empty) + $". {nextStep}", call, device, code)
{
    /// <summary>The size asked for, in bytes.</summary>
    public long RequestedBytes { get; } = requestedBytes;

    /// <summary>What the device could still give, in bytes; -1 where it does not say.</summary>
    public long AvailableBytes { get; } = availableBytes;
}

/// <summary>Device code did not compile. Carries the full build log.</summary>
public sealed class ProgramBuildException(string device, string program, string options, string log, int code = 0)
    : DeviceException(
        $"{device}: program '{program}' did not build with options '{options}'. Build log:{Environment.NewLine}{log}", "build", device, code)
{
    /// <summary>The program's name.</summary>
    public string Program { get; } = program;

    /// <summary>The compiler's whole output.</summary>
    public string BuildLog { get; } = log;
}
