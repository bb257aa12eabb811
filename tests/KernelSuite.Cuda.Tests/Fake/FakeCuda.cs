using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace KernelSuite.Cuda.Tests;

/// <summary>A launch that the fake driver has seen.</summary>
internal sealed record FakeLaunch(string Kernel, int Device, int[] Grid, int[] Block, int Shared, string[] Arguments);

/// <summary>What the fake driver has seen since the last reset, and what lives.</summary>
internal sealed record FakeReport(
    Dictionary<string, long> Live, Dictionary<string, long> Calls, IReadOnlyList<string> Violations, IReadOnlyList<FakeLaunch> Launches)
{
    public long LiveOf(string kind) => Live.GetValueOrDefault(kind);

    public long CallsOf(string name) => Calls.GetValueOrDefault(name);
}

/// <summary>The control entry points of the fake driver (native/fakecuda/src/control.cpp, where the script's language is).</summary>
internal static unsafe class FakeCuda
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNameCaseInsensitive = true };
    private static readonly Lazy<nint> Library = new(() => NativeLibrary.Load(FakeLibrary.Path));

    public static void Reset() => ((delegate* unmanaged<void>)NativeLibrary.GetExport(Library.Value, "fake_reset"))();

    public static void Script(string script)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(script + '\0'))
            Assert.Equal(0, ((delegate* unmanaged<byte*, int>)NativeLibrary.GetExport(Library.Value, "fake_script"))(text));
    }

    public static FakeReport Report()
    {
        var report = (delegate* unmanaged<byte*, int, int>)NativeLibrary.GetExport(Library.Value, "fake_report");
        byte[] text = new byte[report(null, 0) + 4096];
        int length;
        fixed (byte* start = text) length = report(start, text.Length);
        return JsonSerializer.Deserialize<FakeReport>(text.AsSpan(0, length), Options)!;
    }
}
