using System.Text;

namespace KernelSuite.Runtime.Cuda;

/// <summary>Turns a program's compiled images into a loaded module: chooses one, loads it, and reads the driver's log.</summary>
internal sealed unsafe class ModuleLoader(CudaDevice device, FoundDevice found, bool forcePtx)
{
    private const int LogBytes = 64 << 10;

    public CudaProgram Load(ProgramSource source)
    {
        ProgramImages images = source.Images ?? throw Failure(
            source,
            "Nothing was compiled ahead of time for this program: the suite was built without CUDA. Install the CUDA toolkit (nvcc 11.8 or newer) and build "
            + "again with './build.sh build --with-cuda'.");
        PtxModule ptx = ReadSignatures(source, images);
        ImageChoice choice = ImageChoice.Choose(
            found.Info.ComputeCapability!, found.DriverVersion, images.Targets, ptx.Version, images.Compiler, forcePtx);
        if (choice.Target is null) throw Failure(source, choice.Reason);
        ReadOnlyMemory<byte> image = images.Read(choice.Target);
        if (image.IsEmpty) throw Failure(source, $"The image '{choice.Target}' is empty. Build the suite again.");
        nint raw = LoadImage(source, images, choice, image.Span, out string log);
        var handle = new ModuleHandle(raw, device.Context);
        string header = $"{choice.Target} ({choice.Reason}), made by {images.Compiler}";
        return new CudaProgram(device, handle, ptx, source.Name, choice.Target, log.Length == 0 ? header : $"{header}{Environment.NewLine}{log}");
    }

    /// <summary>The signatures are the same in every image of a program, so the oldest PTX has them all.</summary>
    private PtxModule ReadSignatures(ProgramSource source, ProgramImages images)
    {
        string? oldest = images.Targets.Where(t => t.StartsWith("compute_", StringComparison.Ordinal))
            .OrderBy(t => t.Length).ThenBy(t => t, StringComparer.Ordinal).FirstOrDefault();
        if (oldest is null)
        {
            throw Failure(source, $"The images ({string.Join(", ", images.Targets)}) hold no PTX, from which the kernels' parameters are read. "
                + "Build the suite again: its build adds the PTX of the oldest architecture.");
        }

        try
        {
            return PtxEntries.Parse(images.Read(oldest).Span);
        }
        catch (FormatException error)
        {
            throw Failure(source, $"The image '{oldest}' of {images.Compiler} cannot be read: {error.Message} Build the suite again.");
        }
    }

    private nint LoadImage(ProgramSource source, ProgramImages images, ImageChoice choice, ReadOnlySpan<byte> image, out string log)
    {
        // The driver takes no length: PTX has to end with a zero. A cubin carries its length, and one zero more does no harm.
        byte[] text = new byte[image.Length + 1];
        image.CopyTo(text);
        byte[] info = new byte[LogBytes];
        byte[] errors = new byte[LogBytes];
        nint raw = 0;
        int status;
        fixed (byte* start = text, infoStart = info, errorStart = errors)
        {
            JitOption* options = stackalloc JitOption[]
            {
                JitOption.InfoLogBuffer, JitOption.InfoLogBufferSizeBytes, JitOption.ErrorLogBuffer, JitOption.ErrorLogBufferSizeBytes, JitOption.LogVerbose,
            };
            // Plain numbers travel in the pointers themselves.
            void** values = stackalloc void*[] { infoStart, (void*)LogBytes, errorStart, (void*)LogBytes, (void*)1 };
            status = CudaNative.cuModuleLoadDataEx(&raw, start, 5, options, values);
        }

        log = Decode(info);
        if (status == CudaStatus.Success) return raw;
        string loaded = $"'{choice.Target}' ({image.Length:N0} bytes, {choice.Reason}; made by {images.Compiler}) on {found.Info.Name}, "
            + $"compute capability {found.Info.ComputeCapability}, driver {device.Context.Driver}";
        if (!CudaStatus.IsImageError(status)) throw device.Context.Error(status, "cuModuleLoadDataEx", $"program '{source.Name}', image {loaded}");
        throw Failure(
            source, $"{Decode(errors)}{Environment.NewLine}cuModuleLoadDataEx gave {CudaStatus.Describe(status)} for {loaded}. {CudaStatus.NextStep(status)}", status);
    }

    private ProgramBuildException Failure(ProgramSource source, string log, int status = 0) => new(device.Label, source.Name, source.Options, log.Trim(), status);

    private static string Decode(byte[] log)
    {
        int end = Array.IndexOf(log, (byte)0);
        return Encoding.UTF8.GetString(log, 0, end < 0 ? log.Length : end).Trim();
    }
}
