using System.Diagnostics;
using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>Runs one operation on .npy files.</summary>
public static unsafe class OperationRunner
{
    private const int CopyBytes = 256 << 20;

    /// <summary>Reads the inputs, runs the operation and writes the outputs, each whole or not at all.</summary>
    /// <param name="device">Where to run.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="files">Operand name to path, inputs and wanted outputs alike.</param>
    /// <param name="options">Option texts.</param>
    /// <param name="implementation">Null for the default.</param>
    /// <param name="command">The command line, for the report.</param>
    /// <param name="progress">Told before each step.</param>
    /// <param name="cancellation">Stops between chunks and tiles; no output file is touched then.</param>
    /// <exception cref="ArgumentException">An operand is unknown or missing, or an array or option does not fit.</exception>
    /// <exception cref="NpyFormatException">A file is malformed.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <exception cref="NotSupportedException">The device does not support the problem.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public static RunReport Run(
        Device device, Operation operation, IReadOnlyDictionary<string, string> files, OptionValues options, string? implementation = null,
        string command = "", IProgress<SuiteProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(files);
        CheckFiles(operation, files);
        var context = RunContext.Capture(command, 0);
        using var inputs = new InputArrays(device, operation, files, progress, cancellation);
        OperationProblem problem = operation.Bind(inputs.Arrays, options);
        if (operation.Supports(device.Info, problem).Reason is { } reason) throw new NotSupportedException(reason);
        using var operands = new RunOperands(device, problem, files);
        progress?.Report(new SuiteProgress(1, 3, $"running on {device.Info.Id}"));
        using OperationPlan plan = operation.Plan(device, problem, implementation);
        using DeviceStream stream = device.CreateStream();
        operands.Write(stream, inputs.Arrays, cancellation);
        (double seconds, double? deviceSeconds, int launches) = Launch(plan, stream, operands.Slices, cancellation);
        progress?.Report(new SuiteProgress(2, 3, "writing outputs"));
        IReadOnlyList<RunArray> written = operands.Save(stream, cancellation);
        return new RunReport(
            operation.Name, DeviceRecord.Of(device.Info), plan.Implementation, plan.Description, plan.WorkspaceBytes, inputs.Describe(), written, seconds, deviceSeconds,
            problem.Cost.Flops / seconds * 1e-9, launches, context);
    }

    /// <summary>Copies in pieces that a span covers.</summary>
    internal static void Copy(HostArray array, Func<nint, long, int, bool> copy, CancellationToken cancellation)
    {
        for (long offset = 0; offset < array.ByteLength; offset += CopyBytes)
        {
            cancellation.ThrowIfCancellationRequested();
            copy((nint)(array.Pointer + offset), offset, (int)Math.Min(CopyBytes, array.ByteLength - offset));
        }
    }

    private static void CheckFiles(Operation operation, IReadOnlyDictionary<string, string> files)
    {
        foreach (string name in files.Keys)
        {
            if (operation.Signature.Operands.All(o => o.Name != name))
                throw new ArgumentException($"{operation.Name} has no operand '{name}'. Operands: {string.Join(", ", operation.Signature.Operands.Select(o => o.Name))}.", name);
        }

        foreach (OperandSignature operand in operation.Signature.Operands)
        {
            if (!operand.IsOptional && !files.ContainsKey(operand.Name))
                throw new ArgumentException($"'{operand.Name}' is missing. Expected --{operand.Name} FILE with {operand.Dimensions}: {operand.Summary}.", operand.Name);
        }

        string[] outputs = [.. operation.Signature.Operands.Where(o => o.IsOutput && files.ContainsKey(o.Name)).Select(o => files[o.Name])];
        foreach (string path in outputs)
        {
            string full = Path.GetFullPath(path);
            if (files.Values.Count(f => Path.GetFullPath(f) == full) > 1) throw new ArgumentException($"'{path}' is named for an output and a second time. Give each operand a file of its own.", "out");
            string? folder = Path.GetDirectoryName(full);
            if (!Directory.Exists(folder)) throw new ArgumentException($"The folder of the output file '{path}' does not exist. Create it first.", "out");
            if (Directory.Exists(full)) throw new ArgumentException($"The output file '{path}' is a folder. Name a file.", "out");
        }
    }

    private static (double Seconds, double? DeviceSeconds, int Launches) Launch(OperationPlan plan, DeviceStream stream, DeviceSlice[] slices, CancellationToken cancellation)
    {
        using DeviceEvent timing = plan.Device.CreateEvent();
        double seconds = 0;
        int launches = 0;
        do
        {
            long start = Stopwatch.GetTimestamp();
            plan.Launch(stream, slices, timing, cancellation);
            stream.Synchronize();
            seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            launches++;
        }
        while (launches < 2 && seconds < 1);
        double device = (timing.EndNanoseconds - timing.StartNanoseconds) * 1e-9;
        return (seconds, device > 0 ? device : null, launches);
    }
}
