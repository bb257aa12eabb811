using KernelSuite.Runtime.OpenCl;
using KernelSuite.Tests;

namespace KernelSuite.Runtime.Tests.OpenCl;

public class CacheTests
{
    public static TheoryData<string> Devices => TestDevices.OpenCl;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void The_second_build_comes_from_the_cache_and_computes_the_same(string id)
    {
        using var folder = new TemporaryFolder();
        OpenClBackend backend = Backend(folder);
        using Device device = Open(backend, id);
        ProgramSource source = TestKernels.Unique();
        using (DeviceProgram first = device.BuildProgram(source))
        {
            Assert.False(first.FromCache);
            Assert.Equal(7f, KernelResult.Of(device, first));
        }

        using Device again = Open(Backend(folder), id);
        using DeviceProgram second = again.BuildProgram(source);
        Assert.True(second.FromCache);
        Assert.Equal(7f, KernelResult.Of(again, second));
        Assert.Equal("unique_kernel", Assert.Single(((OpenClProgram)second).KernelNames));
        Assert.Throws<DeviceException>(() => second.CreateKernel("unique_kernal"));
        using DeviceProgram other = again.BuildProgram(source with { Options = "-DOTHER" });
        Assert.False(other.FromCache);

        KernelCacheState state = backend.Cache.Inspect();
        Assert.Equal(2, state.Entries);
        Assert.Equal(Files(folder).Sum(file => new FileInfo(file).Length), state.Bytes);
        Assert.True(state.Writable);
        Assert.Equal(folder.Path, state.Location);
        File.WriteAllText(Path.Combine(folder.Path, "not-ours.txt"), "stays");
        Assert.Equal(2, backend.Cache.Clear());
        Assert.Equal("not-ours.txt", Path.GetFileName(Assert.Single(Directory.GetFiles(folder.Path))));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Damaged_entries_are_rebuilt_and_replaced(string id)
    {
        using var folder = new TemporaryFolder();
        OpenClBackend backend = Backend(folder);
        using Device device = Open(backend, id);
        ProgramSource source = TestKernels.Unique();
        device.BuildProgram(source).Dispose();
        string file = Assert.Single(Files(folder));
        byte[] good = File.ReadAllBytes(file);
        byte[][] damaged =
        [
            [],
            good[..10],
            good[..^1],
            [.. good, 0],
            Flip(good, 0),
            Flip(good, 8),
            Flip(good, 12),
            Flip(good, 15),
            Flip(good, 20),
            Flip(good, 60),
            Flip(good, good.Length / 2),
            Flip(good, good.Length - 1),
        ];
        foreach (byte[] bytes in damaged)
        {
            File.WriteAllBytes(file, bytes);
            using (DeviceProgram rebuilt = device.BuildProgram(source))
            {
                Assert.False(rebuilt.FromCache);
                Assert.Equal(7f, KernelResult.Of(device, rebuilt));
            }

            Assert.NotNull(backend.Cache.LastProblem);
            using DeviceProgram cached = device.BuildProgram(source);
            Assert.True(cached.FromCache);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void An_entry_that_the_driver_rejects_is_rebuilt(string id)
    {
        using var folder = new TemporaryFolder();
        OpenClBackend backend = Backend(folder);
        using Device device = Open(backend, id);
        ProgramSource source = TestKernels.Unique();
        device.BuildProgram(source).Dispose();
        string file = Assert.Single(Files(folder));
        // A well-formed entry whose payload no driver understands.
        byte[] key = Convert.FromHexString(Path.GetFileNameWithoutExtension(file));
        backend.Cache.Write(key, "this is not a program binary, although its checksum is right"u8);
        using DeviceProgram rebuilt = device.BuildProgram(source);
        Assert.False(rebuilt.FromCache);
        Assert.Equal(7f, KernelResult.Of(device, rebuilt));
        Assert.Contains("rejected", backend.Cache.LastProblem, StringComparison.Ordinal);
        using DeviceProgram cached = device.BuildProgram(source);
        Assert.True(cached.FromCache);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Concurrent_builders_of_one_program_all_succeed(string id)
    {
        // Here and not only in the threads, where a skip would be an unhandled exception.
        _ = TestDevices.Shared(id);
        using var folder = new TemporaryFolder();
        ProgramSource source = TestKernels.Unique();
        float[] results = new float[8];
        Thread[] builders = [.. Enumerable.Range(0, results.Length).Select(i => new Thread(() =>
        {
            using Device device = Open(Backend(folder), id);
            using DeviceProgram program = device.BuildProgram(source);
            results[i] = KernelResult.Of(device, program);
        }))];
        foreach (Thread builder in builders) builder.Start();
        foreach (Thread builder in builders) builder.Join();
        Assert.All(results, result => Assert.Equal(7f, result));
        Assert.Single(Files(folder));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_folder_that_cannot_be_made_is_seen_but_fails_no_build(string id)
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "a-file");
        File.WriteAllText(file, "in the way");
        var backend = new OpenClBackend(new OpenClOptions { CacheDirectory = Path.Combine(file, "cache") });
        using Device device = Open(backend, id);
        using DeviceProgram program = device.BuildProgram(TestKernels.Unique());
        Assert.Equal(7f, KernelResult.Of(device, program));
        Assert.NotNull(backend.Cache.LastProblem);
        KernelCacheState state = backend.Cache.Inspect();
        Assert.False(state.Writable);
        Assert.NotNull(state.Problem);
        Assert.Equal(0, state.Entries);
    }

    private static OpenClBackend Backend(TemporaryFolder folder) => new(new OpenClOptions { CacheDirectory = folder.Path });

    private static Device Open(OpenClBackend backend, string id)
    {
        _ = TestDevices.Shared(id);
        return new DeviceCatalog(backend).Open(id);
    }

    private static string[] Files(TemporaryFolder folder) => Directory.GetFiles(folder.Path, "*.ksbin");

    private static byte[] Flip(byte[] bytes, int index)
    {
        byte[] copy = [.. bytes];
        copy[index] ^= 0x40;
        return copy;
    }
}
