namespace KernelSuite.Runtime.Cuda;

/// <summary>
/// One retain of a GPU's primary context: the context that the CUDA runtime and other libraries of the process share. Knows how to make
/// itself current, whether it is lost, and how an error of one of its calls reads.
/// </summary>
internal sealed unsafe class ContextHandle : CudaHandle
{
    private static long handles;

    // The handle that was made current last on this thread, by its number; a reference would keep a forgotten device alive.
    [ThreadStatic]
    private static long boundTo;

    private readonly long number = Interlocked.Increment(ref handles);
    private readonly int device;
    private int lostCode;
    private string lostBy = string.Empty;

    /// <summary>Takes over one retain of the primary context of <paramref name="device"/>.</summary>
    public ContextHandle(nint raw, int device, string label, string driver)
        : base(raw, null)
    {
        this.device = device;
        Raw = raw;
        Label = label;
        Driver = driver;
    }

    /// <summary>The id as it appears in messages.</summary>
    public string Label { get; }

    /// <summary>The driver's version as it appears in messages.</summary>
    public string Driver { get; }

    /// <summary>The CUcontext.</summary>
    public nint Raw { get; }

    /// <summary>What finalisers have left to release.</summary>
    public Orphans Orphans { get; } = new();

    /// <summary>The code that ended the context; 0 while it lives.</summary>
    public int LostCode => Volatile.Read(ref lostCode);

    /// <summary>
    /// Makes the context current on the calling thread; every call of the driver comes after one of this. The driver is asked each time: it keeps
    /// the answer in thread-local storage, some ten nanoseconds away, and a copy of our own would be wrong as soon as another library of the
    /// process (the CUDA runtime, a BLAS, a second binding) set its context on the same thread. What was current before is not put back, as
    /// with cudaSetDevice.
    /// </summary>
    /// <exception cref="DeviceLostException">The context is gone.</exception>
    public void Enter(string call)
    {
        if (LostCode != 0) throw Lost(call);
        int status = MakeCurrent();
        if (status != CudaStatus.Success) throw Error(status, "cuCtxSetCurrent", $"before {call}");
    }

    /// <summary>Makes the context current without looking whether it is lost, for releasing.</summary>
    /// <remarks>
    /// An equal address is not enough: a primary context that was released and retained again may have the address of the one before,
    /// which a thread can still have current.
    /// </remarks>
    public int MakeCurrent()
    {
        nint current;
        int status = CudaNative.cuCtxGetCurrent(&current);
        if (status == CudaStatus.Success && current == Raw && boundTo == number) return status;
        status = CudaNative.cuCtxSetCurrent(Raw);
        boundTo = status == CudaStatus.Success ? number : 0;
        return status;
    }

    /// <summary>Throws unless <paramref name="status"/> is success. For calls outside hot paths, where <paramref name="details"/> costs nothing.</summary>
    public void Check(int status, string call, string details = "")
    {
        if (status != CudaStatus.Success) throw Error(status, call, details);
    }

    /// <summary>The exception for a failed call; remembers a loss of the context.</summary>
    public DeviceException Error(int status, string call, string details = "")
    {
        if (!CudaStatus.IsSticky(status)) return new DeviceException($"{Sentence(status, call, details)} {CudaStatus.NextStep(status)}", call, Label, status);
        if (Interlocked.CompareExchange(ref lostCode, status, 0) == 0) Volatile.Write(ref lostBy, call);
        return new DeviceLostException(
            $"{Sentence(status, call, details)} {CudaStatus.NextStep(status)} The context is lost: dispose everything of this device and open it again; "
            + "if that fails too, restart the process.", call, Label, status);
    }

    /// <summary>Releases an object of this context, or puts it aside where the calling thread must not wait.</summary>
    public int Release(OrphanKind kind, nint raw)
    {
        if (OnFinaliser)
        {
            Orphans.Add(kind, raw);
            return CudaStatus.Success;
        }

        int status = MakeCurrent();
        return status == CudaStatus.Success ? Orphans.ReleaseNow(kind, raw) : status;
    }

    /// <summary>The exception for a call that comes after the context was lost.</summary>
    public DeviceLostException Lost(string call) => new(
        $"{Label} (driver {Driver}): {call} was not made, because the context is lost since {Volatile.Read(ref lostBy)} failed with "
        + $"{CudaStatus.Describe(LostCode)}. Dispose everything of this device and open it again; if that fails too, restart the process.", call, Label, LostCode);

    /// <remarks>
    /// Where a finaliser comes here, no stream of this runtime is left: whoever still had one would have pinned the context.
    /// </remarks>
    protected override int Release(nint raw)
    {
        if (MakeCurrent() == CudaStatus.Success) Orphans.ReleaseAll();
        return CudaNative.cuDevicePrimaryCtxRelease_v2(device);
    }

    private string Sentence(int status, string call, string details) =>
        $"{Label} (driver {Driver}): {call}{(details.Length == 0 ? string.Empty : $" ({details})")} failed with {CudaStatus.Describe(status)}.";
}
