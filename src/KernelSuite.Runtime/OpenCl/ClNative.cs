using System.Runtime.InteropServices;

namespace KernelSuite.Runtime.OpenCl;

/// <summary>The OpenCL 1.2 entry points that this backend calls, under their own names. All return or report a status; none throws.</summary>
internal static unsafe partial class ClNative
{
    /// <summary>The import name that <see cref="Interop.NativeLoader"/> binds to the ICD loader.</summary>
    public const string Library = "OpenCL";

    [LibraryImport(Library)]
    public static partial int clGetPlatformIDs(uint entries, nint* platforms, uint* count);

    [LibraryImport(Library)]
    public static partial int clGetPlatformInfo(nint platform, uint name, nuint size, void* value, nuint* needed);

    [LibraryImport(Library)]
    public static partial int clGetDeviceIDs(nint platform, ulong type, uint entries, nint* devices, uint* count);

    [LibraryImport(Library)]
    public static partial int clGetDeviceInfo(nint device, uint name, nuint size, void* value, nuint* needed);

    [LibraryImport(Library)]
    public static partial nint clCreateContext(nint* properties, uint count, nint* devices, nint notify, nint userData, int* status);

    [LibraryImport(Library)]
    public static partial int clReleaseContext(nint context);

    [LibraryImport(Library)]
    public static partial int clGetContextInfo(nint context, uint name, nuint size, void* value, nuint* needed);

    [LibraryImport(Library)]
    public static partial nint clCreateCommandQueue(ContextHandle context, nint device, ulong properties, int* status);

    [LibraryImport(Library)]
    public static partial int clReleaseCommandQueue(nint queue);

    [LibraryImport(Library)]
    public static partial int clFlush(QueueHandle queue);

    [LibraryImport(Library)]
    public static partial int clFinish(QueueHandle queue);

    [LibraryImport(Library)]
    public static partial nint clCreateBuffer(ContextHandle context, ulong flags, nuint size, void* hostPointer, int* status);

    [LibraryImport(Library)]
    public static partial int clReleaseMemObject(nint memory);

    [LibraryImport(Library)]
    public static partial int clEnqueueWriteBuffer(
        QueueHandle queue, MemoryHandle memory, uint blocking, nuint offset, nuint size, void* source, uint waits, nint* waitList, nint* done);

    [LibraryImport(Library)]
    public static partial int clEnqueueReadBuffer(
        QueueHandle queue, MemoryHandle memory, uint blocking, nuint offset, nuint size, void* target, uint waits, nint* waitList, nint* done);

    [LibraryImport(Library)]
    public static partial int clEnqueueCopyBuffer(
        QueueHandle queue, MemoryHandle source, MemoryHandle target, nuint sourceOffset, nuint targetOffset, nuint size, uint waits, nint* waitList, nint* done);

    [LibraryImport(Library)]
    public static partial int clEnqueueFillBuffer(
        QueueHandle queue, MemoryHandle memory, void* pattern, nuint patternSize, nuint offset, nuint size, uint waits, nint* waitList, nint* done);

    [LibraryImport(Library)]
    public static partial int clEnqueueNDRangeKernel(
        QueueHandle queue, KernelHandle kernel, uint dimensions, nuint* offset, nuint* global, nuint* local, uint waits, nint* waitList, nint* done);

    [LibraryImport(Library)]
    public static partial int clEnqueueMarkerWithWaitList(QueueHandle queue, uint waits, nint* waitList, nint* done);

    [LibraryImport(Library)]
    public static partial int clEnqueueBarrierWithWaitList(QueueHandle queue, uint waits, nint* waitList, nint* done);

    [LibraryImport(Library)]
    public static partial int clWaitForEvents(uint count, nint* events);

    [LibraryImport(Library)]
    public static partial int clGetEventInfo(nint value, uint name, nuint size, void* result, nuint* needed);

    [LibraryImport(Library)]
    public static partial int clGetEventProfilingInfo(nint value, uint name, nuint size, void* result, nuint* needed);

    [LibraryImport(Library)]
    public static partial int clRetainEvent(nint value);

    [LibraryImport(Library)]
    public static partial int clReleaseEvent(nint value);

    [LibraryImport(Library)]
    public static partial nint clCreateProgramWithSource(ContextHandle context, uint count, byte** strings, nuint* lengths, int* status);

    [LibraryImport(Library)]
    public static partial nint clCreateProgramWithBinary(
        ContextHandle context, uint count, nint* devices, nuint* lengths, byte** binaries, int* binaryStatus, int* status);

    [LibraryImport(Library)]
    public static partial int clBuildProgram(ProgramHandle program, uint count, nint* devices, byte* options, nint notify, nint userData);

    [LibraryImport(Library)]
    public static partial int clGetProgramInfo(nint program, uint name, nuint size, void* value, nuint* needed);

    [LibraryImport(Library)]
    public static partial int clGetProgramBuildInfo(nint program, nint device, uint name, nuint size, void* value, nuint* needed);

    [LibraryImport(Library)]
    public static partial int clReleaseProgram(nint program);

    [LibraryImport(Library)]
    public static partial nint clCreateKernel(ProgramHandle program, byte* name, int* status);

    [LibraryImport(Library)]
    public static partial int clGetKernelInfo(nint kernel, uint name, nuint size, void* value, nuint* needed);

    [LibraryImport(Library)]
    public static partial int clGetKernelWorkGroupInfo(nint kernel, nint device, uint name, nuint size, void* value, nuint* needed);

    [LibraryImport(Library)]
    public static partial int clSetKernelArg(KernelHandle kernel, uint index, nuint size, void* value);

    [LibraryImport(Library)]
    public static partial int clReleaseKernel(nint kernel);
}
