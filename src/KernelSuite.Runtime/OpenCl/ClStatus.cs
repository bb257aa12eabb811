namespace KernelSuite.Runtime.OpenCl;

/// <summary>Status codes: their names in the Khronos headers and what to do about them.</summary>
internal static class ClStatus
{
    public const int Success = 0;
    public const int DeviceNotFound = -1;
    public const int MemObjectAllocationFailure = -4;
    public const int OutOfResources = -5;
    public const int OutOfHostMemory = -6;
    public const int ExecStatusErrorInWaitList = -14;
    public const int InvalidQueue = -36;
    public const int InvalidContext = -34;
    public const int InvalidKernelName = -46;
    public const int InvalidBufferSize = -61;
    public const int PlatformNotFound = -1001;

    /// <summary>Whether an allocation that gives this code did not fit, as opposed to being malformed.</summary>
    public static bool IsOutOfMemory(int status) =>
        status is MemObjectAllocationFailure or OutOfResources or OutOfHostMemory or InvalidBufferSize;

    /// <summary>Throws unless <paramref name="status"/> is success. For calls outside hot paths, where <paramref name="details"/> costs nothing.</summary>
    public static void Check(int status, string call, string device, string details = "")
    {
        if (status != Success) throw Error(status, call, device, details);
    }

    /// <summary>The exception for a failed call.</summary>
    public static DeviceException Error(int status, string call, string device, string details = "") => new(
        $"{device}: {call}{(details.Length == 0 ? string.Empty : $" ({details})")} failed with {Describe(status)}. {NextStep(status)}", call, device, status);

    /// <summary>Name and number, for example <c>CL_INVALID_VALUE (-30)</c>.</summary>
    public static string Describe(int status) => $"{Name(status)} ({status})";

    public static string Name(int status) => status switch
    {
        0 => "CL_SUCCESS",
        -1 => "CL_DEVICE_NOT_FOUND",
        -2 => "CL_DEVICE_NOT_AVAILABLE",
        -3 => "CL_COMPILER_NOT_AVAILABLE",
        -4 => "CL_MEM_OBJECT_ALLOCATION_FAILURE",
        -5 => "CL_OUT_OF_RESOURCES",
        -6 => "CL_OUT_OF_HOST_MEMORY",
        -7 => "CL_PROFILING_INFO_NOT_AVAILABLE",
        -8 => "CL_MEM_COPY_OVERLAP",
        -9 => "CL_IMAGE_FORMAT_MISMATCH",
        -10 => "CL_IMAGE_FORMAT_NOT_SUPPORTED",
        -11 => "CL_BUILD_PROGRAM_FAILURE",
        -12 => "CL_MAP_FAILURE",
        -13 => "CL_MISALIGNED_SUB_BUFFER_OFFSET",
        -14 => "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST",
        -15 => "CL_COMPILE_PROGRAM_FAILURE",
        -16 => "CL_LINKER_NOT_AVAILABLE",
        -17 => "CL_LINK_PROGRAM_FAILURE",
        -18 => "CL_DEVICE_PARTITION_FAILED",
        -19 => "CL_KERNEL_ARG_INFO_NOT_AVAILABLE",
        -30 => "CL_INVALID_VALUE",
        -31 => "CL_INVALID_DEVICE_TYPE",
        -32 => "CL_INVALID_PLATFORM",
        -33 => "CL_INVALID_DEVICE",
        -34 => "CL_INVALID_CONTEXT",
        -35 => "CL_INVALID_QUEUE_PROPERTIES",
        -36 => "CL_INVALID_COMMAND_QUEUE",
        -37 => "CL_INVALID_HOST_PTR",
        -38 => "CL_INVALID_MEM_OBJECT",
        -39 => "CL_INVALID_IMAGE_FORMAT_DESCRIPTOR",
        -40 => "CL_INVALID_IMAGE_SIZE",
        -41 => "CL_INVALID_SAMPLER",
        -42 => "CL_INVALID_BINARY",
        -43 => "CL_INVALID_BUILD_OPTIONS",
        -44 => "CL_INVALID_PROGRAM",
        -45 => "CL_INVALID_PROGRAM_EXECUTABLE",
        -46 => "CL_INVALID_KERNEL_NAME",
        -47 => "CL_INVALID_KERNEL_DEFINITION",
        -48 => "CL_INVALID_KERNEL",
        -49 => "CL_INVALID_ARG_INDEX",
        -50 => "CL_INVALID_ARG_VALUE",
        -51 => "CL_INVALID_ARG_SIZE",
        -52 => "CL_INVALID_KERNEL_ARGS",
        -53 => "CL_INVALID_WORK_DIMENSION",
        -54 => "CL_INVALID_WORK_GROUP_SIZE",
        -55 => "CL_INVALID_WORK_ITEM_SIZE",
        -56 => "CL_INVALID_GLOBAL_OFFSET",
        -57 => "CL_INVALID_EVENT_WAIT_LIST",
        -58 => "CL_INVALID_EVENT",
        -59 => "CL_INVALID_OPERATION",
        -60 => "CL_INVALID_GL_OBJECT",
        -61 => "CL_INVALID_BUFFER_SIZE",
        -62 => "CL_INVALID_MIP_LEVEL",
        -63 => "CL_INVALID_GLOBAL_WORK_SIZE",
        -64 => "CL_INVALID_PROPERTY",
        -65 => "CL_INVALID_IMAGE_DESCRIPTOR",
        -66 => "CL_INVALID_COMPILER_OPTIONS",
        -67 => "CL_INVALID_LINKER_OPTIONS",
        -68 => "CL_INVALID_DEVICE_PARTITION_COUNT",
        -1001 => "CL_PLATFORM_NOT_FOUND_KHR",
        _ => "an unknown status",
    };

    private static string NextStep(int status) => status switch
    {
        -1 => "The platform has no device: check that the driver's kernel module is loaded and that you may open its device files.",
        -2 => "The device is in use or switched off; see 'ksuite doctor'.",
        -3 => "The driver has no compiler; install the full driver package.",
        -4 or -61 => "Free other buffers or use a smaller shape.",
        -5 => "Use a smaller work-group, less local memory or a smaller shape; if a kernel has just faulted, dispose the device and open it again.",
        -6 => "The host is out of memory; free some, or use a smaller shape.",
        -7 => "Wait for the event before asking for its times.",
        -14 => "An earlier command on which this one waits has failed; the first error is the cause.",
        InvalidContext or InvalidQueue => "The context is gone, most often because a kernel faulted: dispose the device and open it again.",
        -46 => "Check the kernel's name.",
        -50 or -51 or -52 => "Compare the arguments set with the kernel's parameter list.",
        -54 or -55 or -63 => "Compare the launch shape with the limits that 'ksuite devices' prints.",
        PlatformNotFound => "No driver is installed: install one (on Debian: apt install pocl-opencl-icd), or see /etc/OpenCL/vendors.",
        _ => "See 'ksuite doctor' for driver and versions.",
    };
}
