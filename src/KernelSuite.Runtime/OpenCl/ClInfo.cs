using System.Text;

namespace KernelSuite.Runtime.OpenCl;

/// <summary>What a query is asked of.</summary>
internal enum ClSubject
{
    Platform,
    Device,
    Context,
    Program,
    Kernel,
    Event,
    Profiling,
}

/// <summary>The clGet*Info calls behind typed reads. What drivers return is bounded before it is allocated.</summary>
internal static unsafe class ClInfo
{
    /// <summary>No name, version or extension list is longer; a driver that says so is broken.</summary>
    private const int MaxTextBytes = 1 << 20;

    public static T Value<T>(ClSubject subject, nint handle, uint name, string device)
        where T : unmanaged
    {
        T value = default;
        Check(Query(subject, handle, name, (nuint)sizeof(T), &value, null), subject, name, device);
        return value;
    }

    public static string Text(ClSubject subject, nint handle, uint name, string device)
    {
        nuint bytes = 0;
        Check(Query(subject, handle, name, 0, null, &bytes), subject, name, device);
        if (bytes > MaxTextBytes)
            throw new DeviceException($"{device}: {CallName(subject)} (0x{name:X}) offers {bytes:N0} bytes of text; at most {MaxTextBytes:N0} are believed.", CallName(subject), device);
        byte[] text = new byte[(int)bytes];
        fixed (byte* start = text) Check(Query(subject, handle, name, bytes, start, null), subject, name, device);
        return Decode(text);
    }

    /// <summary>Decodes text that a driver ends with zeros.</summary>
    public static string Decode(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text.TrimEnd((byte)0)).Trim();

    private static int Query(ClSubject subject, nint handle, uint name, nuint size, void* value, nuint* needed) => subject switch
    {
        ClSubject.Platform => ClNative.clGetPlatformInfo(handle, name, size, value, needed),
        ClSubject.Device => ClNative.clGetDeviceInfo(handle, name, size, value, needed),
        ClSubject.Context => ClNative.clGetContextInfo(handle, name, size, value, needed),
        ClSubject.Program => ClNative.clGetProgramInfo(handle, name, size, value, needed),
        ClSubject.Kernel => ClNative.clGetKernelInfo(handle, name, size, value, needed),
        ClSubject.Event => ClNative.clGetEventInfo(handle, name, size, value, needed),
        _ => ClNative.clGetEventProfilingInfo(handle, name, size, value, needed),
    };

    private static void Check(int status, ClSubject subject, uint name, string device)
    {
        if (status != ClStatus.Success) throw ClStatus.Error(status, CallName(subject), device, $"query 0x{name:X}");
    }

    private static string CallName(ClSubject subject) =>
        subject == ClSubject.Profiling ? "clGetEventProfilingInfo" : $"clGet{subject}Info";
}
