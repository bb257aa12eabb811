namespace KernelSuite.Runtime.OpenCl;

/// <summary>Names of the values that are passed to <see cref="ClNative"/>, from the Khronos headers.</summary>
internal static class ClConstants
{
    public const uint True = 1;
    public const uint False = 0;

    public const uint PlatformVersion = 0x0901;
    public const uint PlatformName = 0x0902;

    public const ulong DeviceTypeCpu = 1 << 1;
    public const ulong DeviceTypeGpu = 1 << 2;
    public const ulong DeviceTypeAll = 0xFFFFFFFF;

    public const uint DeviceType = 0x1000;
    public const uint DeviceMaxComputeUnits = 0x1002;
    public const uint DeviceMaxWorkGroupSize = 0x1004;
    public const uint DeviceMaxWorkItemSizes = 0x1005;
    public const uint DeviceMaxClockFrequency = 0x100C;
    public const uint DeviceMaxMemAllocSize = 0x1010;
    public const uint DeviceGlobalMemSize = 0x101F;
    public const uint DeviceLocalMemSize = 0x1023;
    public const uint DeviceAvailable = 0x1027;
    public const uint DeviceCompilerAvailable = 0x1028;
    public const uint DeviceName = 0x102B;
    public const uint DeviceVendor = 0x102C;
    public const uint DriverVersion = 0x102D;
    public const uint DeviceVersion = 0x102F;
    public const uint DeviceExtensions = 0x1030;
    public const uint DeviceNativeVectorWidthFloat = 0x103A;
    public const uint DeviceOpenClCVersion = 0x103D;

    public const uint ContextReferenceCount = 0x1080;
    public const nint ContextPlatform = 0x1084;

    public const ulong QueueProfilingEnable = 1 << 1;
    public const ulong MemReadWrite = 1 << 0;

    public const uint ProgramBinarySizes = 0x1165;
    public const uint ProgramBinaries = 0x1166;
    public const uint ProgramKernelNames = 0x1168;
    public const uint ProgramBuildLog = 0x1183;

    public const uint KernelNumArgs = 0x1191;
    public const uint KernelWorkGroupSize = 0x11B0;
    public const uint KernelCompileWorkGroupSize = 0x11B1;
    public const uint KernelLocalMemSize = 0x11B2;

    public const uint EventCommandExecutionStatus = 0x11D3;
    public const int ExecutionComplete = 0;

    public const uint ProfilingCommandStart = 0x1282;
    public const uint ProfilingCommandEnd = 0x1283;
}
