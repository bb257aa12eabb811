using System.Runtime.InteropServices;

namespace KernelSuite.Runtime.CudaHost;

/// <summary>The C interface of libksuite_cudahost, under its own names; native/cudahost/include/cudahost/api.h is its documentation.</summary>
internal static unsafe partial class CudaHostNative
{
    /// <summary>The import name that <see cref="Interop.NativeLoader"/> binds.</summary>
    public const string Library = "cudahost";

    /// <summary>The interface version that this class is written for.</summary>
    public const int Version = 2;

    public const int Ok = 0;
    public const int NotFound = 2;
    public const int OutOfMemory = 3;
    public const int Fault = 5;

    [LibraryImport(Library)]
    public static partial int cudahost_version();

    [LibraryImport(Library)]
    public static partial byte* cudahost_last_error();

    [LibraryImport(Library)]
    public static partial int cudahost_memory_allocate(ulong bytes, nint* address);

    [LibraryImport(Library)]
    public static partial int cudahost_memory_free(nint address);

    [LibraryImport(Library)]
    public static partial int cudahost_memory_total(ulong* allocated, ulong* capacity);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int cudahost_library_open(string path, nint* library);

    [LibraryImport(Library)]
    public static partial uint cudahost_library_program_count(nint library);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int cudahost_program_find(string source, string options, nint* program);

    [LibraryImport(Library)]
    public static partial uint cudahost_program_kernel_count(nint program);

    [LibraryImport(Library)]
    public static partial nint cudahost_program_kernel(nint program, uint index);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int cudahost_program_find_kernel(nint program, string name, nint* kernel);

    [LibraryImport(Library)]
    public static partial int cudahost_kernel_get_info(nint kernel, KernelInfo* info);

    [LibraryImport(Library)]
    public static partial int cudahost_launch(
        nint kernel, uint* grid, uint* block, uint dynamicSharedBytes, void** arguments, LaunchOptions* options, FaultRecord* fault);

    /// <summary>What the last failed call of this thread has to say.</summary>
    public static string LastError() => Marshal.PtrToStringUTF8((nint)cudahost_last_error()) ?? string.Empty;

    /// <summary>cudahost_kernel_info.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct KernelInfo
    {
        public byte* Program;
        public byte* Options;
        public byte* Name;
        public uint* ParameterBytes;
        public uint ParameterCount;
        public fixed uint GroupShape[2];
        public uint MaxThreads;
    }

    /// <summary>cudahost_options.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct LaunchOptions
    {
        public uint Workers;
        public uint Races;
        public uint SharedLimit;
        public uint TimeoutSeconds;
    }

    /// <summary>cudahost_fault.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FaultRecord
    {
        public int Kind;
        public int IsWrite;
        public fixed uint Block[3];
        public fixed uint Thread[3];
        public int HasOther;
        public fixed uint Other[3];
        public ulong Address;
        public ulong Bytes;
        public ulong ObjectAddress;
        public ulong ObjectBytes;
        public long Offset;
        public ulong PastEnd;
        public ulong ModuleOffset;
        public int Line;
        public int OtherLine;
        public fixed byte Kernel[128];
        public fixed byte Object[128];
        public fixed byte File[256];
        public fixed byte OtherFile[256];
        public fixed byte Module[256];
        public fixed byte Message[2048];
    }
}
