namespace KernelSuite.Runtime.Cuda;

/// <summary>
/// A kernel as the driver has it. The driver keeps one for each name in a module, so all <see cref="CudaKernel"/> objects of that name share
/// this one, and with it the amount of dynamic shared memory that the driver has been told to allow.
/// </summary>
internal sealed class CudaFunction
{
    private readonly Lock gate = new();
    private readonly ContextHandle context;
    private int allowedDynamic;

    public CudaFunction(nint raw, PtxEntry entry, ContextHandle context, LaunchLimits limits)
    {
        Raw = raw;
        Entry = entry;
        this.context = context;
        MaxThreads = Read(FunctionAttribute.MaxThreadsPerBlock);
        StaticSharedBytes = Read(FunctionAttribute.SharedSizeBytes);
        LocalBytes = Read(FunctionAttribute.LocalSizeBytes);
        Registers = Read(FunctionAttribute.NumRegs);
        BinaryVersion = Read(FunctionAttribute.BinaryVersion);
        allowedDynamic = limits.SharedBytes - StaticSharedBytes;
    }

    public nint Raw { get; }

    public PtxEntry Entry { get; }

    public int MaxThreads { get; }

    public int StaticSharedBytes { get; }

    public int LocalBytes { get; }

    public int Registers { get; }

    /// <summary>10 * major + minor of the machine code.</summary>
    public int BinaryVersion { get; }

    /// <summary>
    /// Tells the driver once that launches will use this much dynamic shared memory; up to 48 KiB with the static part need no telling. The
    /// context is current.
    /// </summary>
    public void AllowDynamic(int bytes)
    {
        if (bytes <= Volatile.Read(ref allowedDynamic)) return;
        lock (gate)
        {
            if (bytes <= allowedDynamic) return;
            context.Check(
                CudaNative.cuFuncSetAttribute(Raw, FunctionAttribute.MaxDynamicSharedSizeBytes, bytes), "cuFuncSetAttribute",
                $"kernel '{Entry.Name}', {bytes:N0} bytes of dynamic shared memory");
            Volatile.Write(ref allowedDynamic, bytes);
        }
    }

    private unsafe int Read(FunctionAttribute attribute)
    {
        int value = 0;
        context.Check(CudaNative.cuFuncGetAttribute(&value, attribute, Raw), "cuFuncGetAttribute", $"kernel '{Entry.Name}', {attribute}");
        return value;
    }
}
