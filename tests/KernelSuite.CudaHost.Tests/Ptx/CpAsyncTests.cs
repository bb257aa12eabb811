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
        using KernelRun run = GroupsRun(id, early: -1, out uint[] source, out int seen);
        run.Launch(new LaunchShape(1, ItemsX: 32));
        uint[] actual = run.Read<uint>(seen);
        for (int wait = 0; wait < 6; wait++)
        {
            for (int copy = 0; copy < 6; copy++)
            {
                for (int lane = 0; lane < 32; lane++)
                {
                    uint word = actual[(((wait * 6) + copy) * 32) + lane];
                    Assert.Equal(copy < Arrived[wait] ? source[(copy * 128) + (4 * lane)] : 0, word);
                }
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void What_a_wait_does_not_promise_cannot_be_read_on_cudahost(int early)
    {
        using KernelRun run = GroupsRun("cudahost", early, out _, out _);
        var fault = Assert.Throws<KernelFaultException>(() => run.Launch(new LaunchShape(1, ItemsX: 32)));
        Assert.Contains("cp.async has been issued but not waited for", fault.Message, StringComparison.Ordinal);
        Assert.Contains($"at offset {(Arrived[early] * 512) + (16 * fault.Thread.X)} of shared array 'staged'", fault.Message, StringComparison.Ordinal);
    }

    // Groups {0} {1, 2} {} {3} {4} and copy 5 in none; waits that leave 4, 3, 2, 1, 0 groups, then one for everything.
    private static readonly int[] Arrived = [1, 3, 3, 4, 5, 6];

    private static KernelRun GroupsRun(string id, int early, out uint[] source, out int seen)
    {
        source = [.. Enumerable.Range(1, 6 * 128).Select(i => (uint)i)];
        var run = new KernelRun(TestDevices.Shared(id), "ptx/cp_async.cu", "cp_async_groups");
        run.Buffer(source);
        seen = run.Buffer(new uint[6 * 6 * 32]);
        run.Value(early);
        return run;
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
}
