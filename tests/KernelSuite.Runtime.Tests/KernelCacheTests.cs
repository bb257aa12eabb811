using System.Security.Cryptography;
using KernelSuite.Runtime.Tests.OpenCl;

namespace KernelSuite.Runtime.Tests;

/// <summary>The cache by itself, with no device.</summary>
public class KernelCacheTests
{
    [Fact]
    public void Entries_are_kept_by_key()
    {
        using var folder = new TemporaryFolder();
        var cache = new KernelCache(Path.Combine(folder.Path, "not", "there", "yet"));
        Assert.Equal(0, cache.Inspect().Entries);
        byte[] a = SHA256.HashData([1]);
        byte[] b = SHA256.HashData([2]);
        Assert.Null(cache.TryRead(a));
        cache.Write(a, [1, 2, 3]);
        cache.Write(b, []);
        Assert.Equal((byte[])[1, 2, 3], cache.TryRead(a));
        Assert.Empty(cache.TryRead(b)!);
        // An entry under the name of another key is not believed.
        File.Copy(cache.PathOf(a), cache.PathOf(b), overwrite: true);
        Assert.Null(cache.TryRead(b));
        Assert.Contains("another key", cache.LastProblem, StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_that_claims_a_huge_length_is_not_believed()
    {
        using var folder = new TemporaryFolder();
        var cache = new KernelCache(folder.Path);
        byte[] key = SHA256.HashData([1]);
        cache.Write(key, new byte[100]);
        byte[] bytes = File.ReadAllBytes(cache.PathOf(key));
        BitConverter.TryWriteBytes(bytes.AsSpan(12), int.MaxValue);
        File.WriteAllBytes(cache.PathOf(key), bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(cache.TryRead(key));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Writers_and_readers_of_one_key_never_see_half_an_entry()
    {
        using var folder = new TemporaryFolder();
        byte[] key = SHA256.HashData([7]);
        byte[][] payloads = [.. Enumerable.Range(0, 4).Select(i => Enumerable.Repeat((byte)i, 10_000 + (i * 5_000)).ToArray())];
        int wrong = 0;
        Parallel.For(0, 4, i =>
        {
            var cache = new KernelCache(folder.Path);
            for (int round = 0; round < 20; round++)
            {
                cache.Write(key, payloads[i]);
                byte[]? seen = cache.TryRead(key);
                if (seen is null || !payloads.Any(payload => payload.AsSpan().SequenceEqual(seen))) Interlocked.Increment(ref wrong);
            }
        });
        Assert.Equal(0, wrong);
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void What_interrupted_writers_left_is_cleared_and_not_counted()
    {
        using var folder = new TemporaryFolder();
        var cache = new KernelCache(folder.Path);
        cache.Write(SHA256.HashData([1]), [1]);
        File.WriteAllText(Path.Combine(folder.Path, "abc.ksbin.1-2.kstmp"), "half");
        Assert.Equal(1, cache.Inspect().Entries);
        Assert.Equal(1, cache.Clear());
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void No_place_at_all_is_said_and_harmless()
    {
        var cache = new KernelCache(null);
        cache.Write(SHA256.HashData([1]), [1]);
        Assert.Null(cache.TryRead(SHA256.HashData([1])));
        Assert.Equal(0, cache.Clear());
        Assert.Contains("KSUITE_CACHE_DIR", cache.Inspect().Problem, StringComparison.Ordinal);
    }
}
