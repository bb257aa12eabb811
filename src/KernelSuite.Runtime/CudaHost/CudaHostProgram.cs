namespace KernelSuite.Runtime.CudaHost;

/// <summary>A program of a kernel library.</summary>
public sealed unsafe class CudaHostProgram : DeviceProgram
{
    private readonly CudaHostDevice device;
    private readonly nint program;
    private bool disposed;

    internal CudaHostProgram(CudaHostDevice device, nint program)
    {
        this.device = device;
        this.program = program;
    }

    /// <inheritdoc/>
    public override bool FromCache => false;

    /// <inheritdoc/>
    public override string BuildLog => string.Empty;

    /// <inheritdoc/>
    public override DeviceKernel CreateKernel(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ObjectDisposedException.ThrowIf(disposed, this);
        nint kernel;
        int status = CudaHostNative.cudahost_program_find_kernel(program, name, &kernel);
        return status == CudaHostNative.Ok
            ? new CudaHostKernel(device, kernel)
            : throw new DeviceException($"{device.Label}: {CudaHostNative.LastError()}", "cudahost_program_find_kernel", device.Label, status);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => disposed = true;
}
