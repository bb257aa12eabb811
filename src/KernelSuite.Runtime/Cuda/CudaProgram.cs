using System.Text;

namespace KernelSuite.Runtime.Cuda;

/// <summary>A loaded module.</summary>
public sealed unsafe class CudaProgram : DeviceProgram
{
    private readonly CudaDevice device;
    private readonly ModuleHandle handle;
    private readonly PtxModule ptx;
    private readonly string name;
    private readonly Lock gate = new();
    private readonly Dictionary<string, CudaFunction> functions = new(StringComparer.Ordinal);

    internal CudaProgram(CudaDevice device, ModuleHandle handle, PtxModule ptx, string name, string target, string log)
    {
        this.device = device;
        this.handle = handle;
        this.ptx = ptx;
        this.name = name;
        Target = target;
        BuildLog = log;
    }

    /// <inheritdoc/>
    /// <remarks>Always false: the driver keeps a cache of its own of what it compiles from PTX, and does not say when it used it.</remarks>
    public override bool FromCache => false;

    /// <inheritdoc/>
    public override string BuildLog { get; }

    /// <summary>The image that was loaded, for example <c>sm_90</c>, or <c>compute_80</c> for PTX that the driver compiled.</summary>
    public string Target { get; }

    /// <summary>The names of the kernels in the program.</summary>
    public IReadOnlyList<string> KernelNames => [.. ptx.Entries.Keys.Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    /// <exception cref="DeviceLostException">The context is gone.</exception>
    public override DeviceKernel CreateKernel(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ObjectDisposedException.ThrowIf(handle.IsDisposed, this);
        device.Context.Enter("cuModuleGetFunction");
        lock (gate)
        {
            if (!functions.TryGetValue(name, out CudaFunction? function)) functions.Add(name, function = Find(name));
            return new CudaKernel(device, handle, function);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => handle.Dispose();

    private CudaFunction Find(string name)
    {
        if (!ptx.Entries.TryGetValue(name, out PtxEntry? entry)) throw NoSuchKernel(name, CudaStatus.NotFound);
        nint raw = 0;
        int status;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0')) status = CudaNative.cuModuleGetFunction(&raw, handle, text);
        if (status == CudaStatus.NotFound) throw NoSuchKernel(name, status);
        device.Context.Check(status, "cuModuleGetFunction", $"kernel '{name}' of program '{this.name}'");
        return new CudaFunction(raw, entry, device.Context, device.Limits);
    }

    private DeviceException NoSuchKernel(string name, int status) => new(
        $"{device.Label}: program '{this.name}' ({Target}) has no kernel '{name}'. It has: {string.Join(", ", KernelNames)}.", "cuModuleGetFunction", device.Label, status);
}
