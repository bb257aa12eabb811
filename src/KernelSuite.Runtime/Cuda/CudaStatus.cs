using System.Runtime.InteropServices;

namespace KernelSuite.Runtime.Cuda;

/// <summary>Values of CUresult: their names, which of them end a context, and what to do about them.</summary>
internal static unsafe class CudaStatus
{
    public const int Success = 0;
    public const int InvalidValue = 1;
    public const int OutOfMemory = 2;
    public const int Deinitialized = 4;
    public const int StubLibrary = 34;
    public const int DeviceUnavailable = 46;
    public const int NoDevice = 100;
    public const int InvalidImage = 200;
    public const int InvalidContext = 201;
    public const int NoBinaryForGpu = 209;
    public const int EccUncorrectable = 214;
    public const int InvalidPtx = 218;
    public const int NvlinkUncorrectable = 220;
    public const int JitCompilerNotFound = 221;
    public const int UnsupportedPtxVersion = 222;
    public const int JitCompilationDisabled = 223;
    public const int Contained = 226;
    public const int InvalidSource = 300;
    public const int InvalidHandle = 400;
    public const int NotFound = 500;
    public const int NotReady = 600;
    public const int IllegalAddress = 700;
    public const int LaunchOutOfResources = 701;
    public const int LaunchTimeout = 702;
    public const int ContextIsDestroyed = 709;
    public const int Assert = 710;
    public const int HardwareStackError = 714;
    public const int IllegalInstruction = 715;
    public const int MisalignedAddress = 716;
    public const int InvalidAddressSpace = 717;
    public const int InvalidPc = 718;
    public const int LaunchFailed = 719;
    public const int TensorMemoryLeak = 721;
    public const int SystemNotReady = 802;
    public const int SystemDriverMismatch = 803;
    public const int CompatNotSupportedOnDevice = 804;
    public const int MpsClientTerminated = 810;
    public const int ExternalDevice = 911;
    public const int Unknown = 999;

    /// <summary>
    /// Whether the context is gone for good: after these codes every further call in it fails. InvalidContext is among them because each call
    /// here has just made its own context current; only a context that somebody reset can then be invalid.
    /// </summary>
    public static bool IsSticky(int status) => status is Deinitialized or InvalidContext or EccUncorrectable or NvlinkUncorrectable
        or Contained or IllegalAddress or LaunchTimeout or ContextIsDestroyed or Assert or HardwareStackError or IllegalInstruction or MisalignedAddress
        or InvalidAddressSpace or InvalidPc or LaunchFailed or TensorMemoryLeak or MpsClientTerminated or ExternalDevice;

    /// <summary>Whether a module load that gives this code failed because of the image.</summary>
    public static bool IsImageError(int status) => status is InvalidImage or NoBinaryForGpu or InvalidPtx or JitCompilerNotFound
        or UnsupportedPtxVersion or JitCompilationDisabled or InvalidSource;

    /// <summary>Name, number and the driver's own words, for example <c>CUDA_ERROR_INVALID_VALUE (1): invalid argument</c>.</summary>
    public static string Describe(int status)
    {
        byte* name = null;
        byte* words = null;
        // An unknown code gives an error and no text; the number then has to do.
        _ = CudaNative.cuGetErrorName(status, &name);
        _ = CudaNative.cuGetErrorString(status, &words);
        return $"{Text(name) ?? "an unknown CUresult"} ({status}){(Text(words) is { } said ? $": {said}" : string.Empty)}";
    }

    /// <summary>What the reader of an error can do.</summary>
    public static string NextStep(int status) => status switch
    {
        OutOfMemory => "Free other buffers or use a smaller shape; nvidia-smi lists the processes that use the GPU.",
        StubLibrary => "A stub of the driver library was loaded, which is for linking only: put the real libcuda.so.1 of the NVIDIA driver before it, or set KSUITE_CUDA_LIBRARY.",
        DeviceUnavailable => "Another process holds the GPU exclusively; see the compute mode that 'nvidia-smi -q -d COMPUTE' prints.",
        NoDevice => "The driver sees no GPU: look at CUDA_VISIBLE_DEVICES, at 'nvidia-smi', and in a container at whether GPUs are passed through.",
        EccUncorrectable or NvlinkUncorrectable or Contained => "The hardware reported an error that it cannot correct: see 'nvidia-smi -q -d ECC,PAGE_RETIREMENT' and the kernel log (Xid), and reset the GPU.",
        IllegalAddress or MisalignedAddress or InvalidAddressSpace or HardwareStackError or IllegalInstruction or InvalidPc or LaunchFailed or Assert or TensorMemoryLeak =>
            "A kernel faulted, this launch or an earlier one: run it on the cudahost device or under compute-sanitizer, which name kernel, thread and address.",
        LaunchTimeout => "The kernel ran longer than the display's watchdog allows: use a smaller shape, or a GPU without a display.",
        LaunchOutOfResources => "The kernel needs more registers or shared memory than a block of this size may have: launch smaller blocks.",
        SystemNotReady => "The system is not ready: on machines with NVSwitch start nvidia-fabricmanager; see 'nvidia-smi'.",
        SystemDriverMismatch => "The driver's kernel module and libcuda are of different versions: reboot, or reload the nvidia kernel module after the driver update.",
        CompatNotSupportedOnDevice => "The forward-compatibility libcuda does not serve this GPU: remove the cuda-compat package from the library path.",
        MpsClientTerminated => "The MPS server ended this client; restart the process, and see the MPS server's log.",
        InvalidContext or ContextIsDestroyed => "Something in the process reset or destroyed the GPU's primary context.",
        Deinitialized => "The driver is shutting down because the process ends: dispose devices before that.",
        UnsupportedPtxVersion => "Update the NVIDIA driver, or build the suite with an older CUDA toolkit or with KSUITE_CUDA_ARCHS naming this GPU.",
        ExternalDevice => "Something outside of CUDA that shares the GPU's work (another device, a window system) failed: see the kernel log, and restart the process.",
        InvalidPtx or InvalidSource => "The driver's compiler refused the PTX; its log says where.",
        NoBinaryForGpu => "Build the suite with KSUITE_CUDA_ARCHS naming this GPU.",
        InvalidImage => "The image is damaged, or made by a toolkit newer than the driver: build again, or update the driver.",
        JitCompilerNotFound => "The driver's PTX compiler (libnvidia-ptxjitcompiler.so.1) is missing: install the whole driver, or build with KSUITE_CUDA_ARCHS naming this GPU.",
        JitCompilationDisabled => "CUDA_DISABLE_PTX_JIT is set: unset it, or build with KSUITE_CUDA_ARCHS naming this GPU.",
        Unknown => "Often a driver in a bad state after suspend or update: see the kernel log, reload the nvidia modules or reboot.",
        _ => "See 'ksuite doctor' for driver and versions.",
    };

    private static string? Text(byte* text) => text is null ? null : Marshal.PtrToStringUTF8((nint)text);
}
