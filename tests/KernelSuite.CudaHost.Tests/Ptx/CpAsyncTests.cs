using System.Runtime.InteropServices;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Ptx;

/// <summary>cp.async: what arrives, what is filled with zeros, and when.</summary>
public sealed class CpAsyncTests
{
    private const byte Old = 0xA5;

    public static TheoryData<string, int> DevicesAndSizes
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string id in TestDevices.CudaLanguageIds)
                foreach (int size in new[] { 4, 8, 16 })
                    data.Add(id, size);
            return data;
        }
    }

    public static TheoryData<string> Devices => TestDevices.CudaLanguage;

    [SkippableTheory]
    [MemberData(nameof(DevicesAndSizes))]
    public void Bytes_past_the_source_size_are_zero(string id, int size)
    {
        byte[] source = [.. Enumerable.Range(0, 512).Select(i => (byte)(1 + (i % 255)))];
        int[] sizes = [.. Enumerable.Range(0, 32).Select(lane => lane % (size + 1))];
        using var run = new KernelRun(TestDevices.Shared(id), "ptx/cp_async.cu", $"cp_async_{size}");
        run.Buffer(MemoryMarshal.Cast<byte, uint>(source).ToArray());
        run.Buffer(sizes);
        int target = run.Buffer(new uint[128]);
        run.Launch(new LaunchShape(1, ItemsX: 32));
        byte[] actual = MemoryMarshal.AsBytes(run.Read<uint>(target).AsSpan()).ToArray();
        Assert.Equal(Expected(source, sizes, size), actual);
        // The check itself: one source byte more or less is another result.
        sizes[3] = sizes[3] == 0 ? 1 : sizes[3] - 1;
        Assert.NotEqual(Expected(source, sizes, size), actual);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Groups_complete_in_order(string id)
    {
        uint[] source = [.. Enumerable.Range(1, 6 * 128).Select(i => (uint)i)];
        using var run = new KernelRun(TestDevices.Shared(id), "ptx/cp_async.cu", "cp_async_groups");
        run.Buffer(source);
        int seen = run.Buffer(new uint[6 * 6 * 32]);
        run.Launch(new LaunchShape(1, ItemsX: 32));
        uint[] actual = run.Read<uint>(seen);
        // Groups {0} {1, 2} {} {3} {4} and copy 5 in none; waits that leave 4, 3, 2, 1, 0 groups, then one for everything.
        int[] arrived = [1, 3, 3, 4, 5, 6];
        for (int wait = 0; wait < 6; wait++)
        {
            for (int copy = 0; copy < 6; copy++)
            {
                for (int lane = 0; lane < 32; lane++)
                {
                    uint expected = copy < arrived[wait] ? source[(copy * 128) + (4 * lane)] : 0;
                    Assert.Equal(expected, actual[(((wait * 6) + copy) * 32) + lane]);
                }
            }
        }
    }

    [SkippableFact]
    public void On_the_host_a_read_before_the_wait_is_a_fault()
    {
        Device device = TestDevices.Shared(TestDevices.CudaHost);
        uint[] source = [.. Enumerable.Range(1, 256).Select(i => (uint)i)];
        Assert.Equal(Enumerable.Range(0, 32).Select(lane => source[4 * lane]), ReadEarly(device, source, 0));
        KernelFaultException fault = Assert.Throws<KernelFaultException>(() => ReadEarly(device, source, 1));
        Assert.Equal(KernelFaultKind.UninitialisedShared, fault.Kind);
        Assert.Equal("cp_async_early", fault.Kernel);
    }

    private static byte[] Expected(byte[] source, int[] sizes, int size)
    {
        var expected = new byte[512];
        for (int lane = 0; lane < 32; lane++)
        {
            for (int i = 0; i < 16; i++)
                expected[(16 * lane) + i] = i < sizes[lane] ? source[(16 * lane) + i] : i < size ? (byte)0 : Old;
        }

        return expected;
    }

    private static uint[] ReadEarly(Device device, uint[] source, int group)
    {
        using var run = new KernelRun(device, "ptx/cp_async.cu", "cp_async_early");
        run.Buffer(source);
        int target = run.Buffer(new uint[32]);
        run.Value(group);
        run.Launch(new LaunchShape(1, ItemsX: 32));
        return run.Read<uint>(target);
    }
}
