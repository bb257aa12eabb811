using KernelSuite.Runtime;
using KernelSuite.Runtime.Cuda;
using Xunit.Abstractions;

namespace KernelSuite.Cuda.Tests;

/// <summary>
/// A scenario that uses the whole backend is repeated with each call of each entry point failing once, with an ordinary code and with one that
/// ends the context. Nothing but typed errors may come out, the device has to be usable or lost as the code says, and nothing may leak.
/// </summary>
public class EveryFailureTests(ITestOutputHelper output) : FakeDriverTest
{
    /// <summary>A call beyond this repeats what earlier ones of the same entry point showed.</summary>
    private const int MostCalls = 40;

    /// <summary>If these fail, what they should have released cannot be; all others must leave nothing.</summary>
    private static readonly string[] Releases =
        ["cuMemFree_v2", "cuMemFreeHost", "cuStreamDestroy_v2", "cuEventDestroy_v2", "cuModuleUnload", "cuDevicePrimaryCtxRelease_v2"];

    /// <summary>Without a current context nothing can be released; a release that needs one and does not get it leaks too.</summary>
    private static readonly string[] Currents = ["cuCtxGetCurrent", "cuCtxSetCurrent"];

    [SkippableTheory]
    [InlineData(999)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(719)]
    public void Every_call_of_every_entry_point_can_fail(int code)
    {
        FakeLibrary.Require();
        Scenario();
        Dictionary<string, long> calls = FakeCuda.Report().Calls;
        Assert.True(calls.Count >= 34, $"The scenario reaches {calls.Count} entry points: {string.Join(", ", calls.Keys)}");
        int runs = 0;
        int errors = 0;
        foreach ((string name, long count) in calls)
        {
            for (int call = 1; call <= Math.Min(count, MostCalls); call++)
            {
                runs++;
                if (FailsTyped(name, call, code)) errors++;
            }
        }

        output.WriteLine($"{runs} runs, {errors} errors over {calls.Count} entry points with code {code}");
        Assert.InRange(errors, runs / 4, runs);
    }

    /// <summary>Runs the scenario with one failing call and looks at what it leaves.</summary>
    /// <returns>Whether the failure came out as an error.</returns>
    private static bool FailsTyped(string name, int call, int code)
    {
        string what = $"{name}, call {call}, code {code}";
        Settle();
        FakeCuda.Reset();
        Dictionary<string, long> before = FakeCuda.Report().Live;
        int handles = CudaHandle.Live;
        FakeCuda.Script($"{name} fail {code} at {call}");
        Exception? error = Record.Exception(Scenario);
        Assert.True(error is null or DeviceException, $"{what}: {error}");
        if (error is DeviceException device && error is not DeviceUnavailableException)
        {
            Assert.True(device.Code == code, $"{what}: the error has code {device.Code}: {device.Message}");
            Assert.Contains(device is DeviceOutOfMemoryException ? string.Empty : name, device.Message, StringComparison.Ordinal);
        }

        Settle();
        FakeReport report = FakeCuda.Report();
        bool release = Releases.Contains(name) || Currents.Contains(name);
        if (!release || code == 719)
            Assert.True(report.Violations.All(v => release && v.StartsWith("context released with", StringComparison.Ordinal)), $"{what}: {string.Join("; ", report.Violations)}");
        if (name != "cuDevicePrimaryCtxRelease_v2" && !Currents.Contains(name))
        {
            // The context's own release sweeps up what a failed release has left, so nothing may survive the device.
            foreach ((string kind, long living) in report.Live)
                Assert.True(before.GetValueOrDefault(kind) == living, $"{what}: {living - before.GetValueOrDefault(kind)} {kind} left");
        }

        Assert.True(handles == CudaHandle.Live, $"{what}: {CudaHandle.Live - handles} handles left");
        // A retain that was not given back stays until the process ends; here it would hide what the next run leaves.
        FakeCuda.Reset();
        for (long kept = report.LiveOf("retains") - before.GetValueOrDefault("retains"); kept > 0; kept--) Assert.Equal(0, CudaNative.cuDevicePrimaryCtxRelease_v2(1));
        FakeCuda.Reset();
        Scenario();
        Assert.Empty(FakeCuda.Report().Violations);
        return error is not null;
    }

    private static void Scenario()
    {
        using CudaDevice device = Open();
        using DeviceStream stream = device.CreateStream(), other = device.CreateStream();
        try
        {
            Use(device, stream, other);
        }
        catch (DeviceLostException)
        {
            Assert.True(device.IsLost);
            Assert.Throws<DeviceLostException>(() => device.Allocate<int>(1));
            throw;
        }
        catch (DeviceException)
        {
            // Not lost: the same device goes on.
            Assert.False(device.IsLost);
            using DeviceBuffer<int> buffer = device.Allocate<int>(2);
            int[] back = new int[2];
            stream.Write<int>([3, 4], buffer);
            stream.Read<int>(buffer, back);
            Assert.Equal((int[])[3, 4], back);
            throw;
        }
    }

    private static void Use(CudaDevice device, DeviceStream stream, DeviceStream other)
    {
        using DeviceBuffer<float> x = device.Allocate<float>(64), y = device.Allocate<float>(64);
        using HostBuffer<float> host = device.AllocateHost<float>(64);
        using DeviceProgram program = device.BuildProgram(FakePrograms.Source);
        using DeviceKernel kernel = program.CreateKernel("axpy"), tiles = program.CreateKernel("tiles");
        using DeviceEvent timing = device.CreateEvent(), first = device.CreateEvent(), point = device.CreateEvent();
        stream.Write<float>(new float[64], x);
        stream.Fill(y.Memory, 0, 256, 0);
        kernel.SetBuffer(0, x.Memory);
        kernel.SetBuffer(1, y.Memory);
        kernel.SetValue(2, 1f);
        kernel.SetValue(3, 64);
        tiles.SetBuffer(0, null);
        stream.Launch(kernel, new LaunchShape(1, ItemsX: 64), first);
        stream.Launch(tiles, new LaunchShape(1, LocalBytes: 64 << 10), timing);
        timing.StartFrom(first);
        stream.Launch(kernel, new LaunchShape(1, ItemsX: 64), first);
        stream.Record(point);
        stream.Flush();
        other.Wait(point);
        other.Copy(x.Memory, 0, y.Memory, 0, 256);
        other.WriteAsync(host, x);
        other.ReadAsync(y, host);
        other.WriteAsync(host, x);
        _ = point.IsComplete;
        other.Synchronize();
        point.Synchronize();
        Assert.True(timing.EndNanoseconds > timing.StartNanoseconds);
        Assert.True(((CudaKernel)kernel).MaxActiveGroups(64) > 0);
        Assert.True(device.QueryMemory().Free > 0);
        stream.Read<float>(y, new float[64]);
    }
}
