using System.Text;

namespace KernelSuite.Runtime.OpenCl;

/// <summary>A program built for one device.</summary>
public sealed unsafe class OpenClProgram : DeviceProgram
{
    private readonly OpenClDevice device;
    private readonly ProgramHandle handle;
    private readonly string name;

    internal OpenClProgram(OpenClDevice device, ProgramHandle handle, string name, string log, bool fromCache)
    {
        this.device = device;
        this.handle = handle;
        this.name = name;
        BuildLog = log;
        FromCache = fromCache;
    }

    /// <inheritdoc/>
    public override bool FromCache { get; }

    /// <inheritdoc/>
    public override string BuildLog { get; }

    /// <summary>The names of the kernels in the program.</summary>
    public IReadOnlyList<string> KernelNames
    {
        get
        {
            ObjectDisposedException.ThrowIf(handle.IsDisposed, this);
            bool pinned = false;
            handle.DangerousAddRef(ref pinned);
            try
            {
                string names = ClInfo.Text(ClSubject.Program, handle.DangerousGetHandle(), ClConstants.ProgramKernelNames, device.Label);
                return names.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            }
            finally
            {
                handle.DangerousRelease();
            }
        }
    }

    /// <inheritdoc/>
    public override DeviceKernel CreateKernel(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ObjectDisposedException.ThrowIf(handle.IsDisposed, this);
        int status;
        nint raw;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0')) raw = ClNative.clCreateKernel(handle, text, &status);
        if (status == ClStatus.InvalidKernelName)
        {
            throw new DeviceException(
                $"{device.Label}: program '{this.name}' has no kernel '{name}'. It has: {string.Join(", ", KernelNames)}.", "clCreateKernel", device.Label, status);
        }

        ClStatus.Check(status, "clCreateKernel", device.Label, $"kernel '{name}' of program '{this.name}'");
        var kernel = new KernelHandle(raw, handle);
        try
        {
            return new OpenClKernel(device, kernel, name);
        }
        catch
        {
            kernel.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => handle.Dispose();
}
