using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.KvCache.Tests.Cache;

/// <summary>Saving, errors, threads.</summary>
public class ContractTests
{
    private static readonly KvCacheShape Small = new(3, 4, 2, 32, DType.Float32);

    public static TheoryData<string> Names => [.. KvPolicies.All.Select(p => p.Name)];

    public static TheoryData<string> Devices => [.. TestDevices.Ids];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_restored_cache_goes_on_with_the_same_bits(string name) => SaveAndGoOn(KvPolicies.Find(name), "cpu");

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_cache_is_restored_on_every_device(string device) => SaveAndGoOn(new ArkvPolicy { Decay = 0.5f }, device);

    [Fact]
    public void Every_damaged_file_is_a_clear_error()
    {
        using var cache = new TriStateKvCache(TestDevices.Shared("cpu"), Small, new ArkvPolicy(), TriStateKvCacheTests.Budget(new ArkvPolicy(), "cpu"));
        using var run = new CacheHarness(cache);
        run.Feed(90);
        byte[] file = Save(cache);
        for (int length = 0; length < file.Length; length += length < 300 ? 1 : 997) Refused(file[..length]);
        var random = new Random(3);
        for (int i = 0; i < 400; i++)
        {
            byte[] damaged = [.. file];
            damaged[i < 250 ? i : random.Next(file.Length)] ^= (byte)(1 << random.Next(8));
            Refused(damaged);
        }

        using TriStateKvCache whole = TriStateKvCache.Restore(cache.Device, new MemoryStream(file));
        Assert.Throws<KvCacheBudgetException>(() => TriStateKvCache.Restore(cache.Device, new MemoryStream(file), 1000));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Too_small_a_budget_says_the_least_that_works(string name)
    {
        Device device = TestDevices.Shared("cpu");
        KvCacheBudgetException error = Assert.Throws<KvCacheBudgetException>(() => new TriStateKvCache(device, Small, KvPolicies.Find(name), 1000));
        Assert.Equal(1000, error.BudgetBytes);
        using var cache = new TriStateKvCache(device, Small, KvPolicies.Find(name), error.NeededBytes);
        using var run = new CacheHarness(cache);
        if (name != "full") run.Feed(80);
        Assert.True(cache.Account.BytesHeld <= error.NeededBytes);
    }

    [Fact]
    public void A_full_cache_refuses_and_has_not_changed()
    {
        Device device = TestDevices.Shared("cpu");
        using var cache = new TriStateKvCache(device, Small, new FullPolicy(), TriStateKvCache.BytesFor(device, Small, new FullPolicy(), 50));
        using var run = new CacheHarness(cache);
        run.Feed(40);
        KvCacheBudgetException error = Assert.Throws<KvCacheBudgetException>(() => run.Feed(5000));
        Assert.True(error.NeededBytes > error.BudgetBytes);
        Assert.Equal(40, cache.Position);
        Clear(run, 40);
        for (int i = 0; i < 10; i++) run.Feed(1);
        Assert.Equal(50, cache.Position);
    }

    [Fact]
    public void Calls_out_of_turn_and_wrong_sizes_are_named_and_change_nothing()
    {
        Device device = TestDevices.Shared("cpu");
        using var cache = new TriStateKvCache(device, Small, new ArkvPolicy(), 200_000);
        using var run = new CacheHarness(cache);
        Assert.Contains("Expected 0", Assert.Throws<ArgumentException>(() => run.FeedLayer(1, 3)).Message, StringComparison.Ordinal);
        run = Clear(run, 0);
        run.FeedLayer(0, 3);
        Assert.Contains("Expected 3", Assert.Throws<ArgumentException>(() => run.FeedLayer(1, 2)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => cache.Save(new MemoryStream()));
        run.FeedLayer(1, 3);
        run.FeedLayer(2, 3);
        Assert.Equal(3, cache.Position);
        using DeviceBuffer<float> little = device.Allocate<float>(10);
        Assert.Equal("q", Assert.Throws<ArgumentException>(() => cache.Attend(run.Stream, 0, 1, little, little, little, little)).ParamName);
        Assert.Equal("q", Assert.Throws<ArgumentException>(() => cache.Attend(run.Stream, 0, 1, default, little, little, little)).ParamName);
        using Device other = Device.Open("cpu");
        using DeviceStream foreign = other.CreateStream();
        Assert.Equal("stream", Assert.Throws<ArgumentException>(() => cache.Attend(foreign, 0, 1, little, little, little, little)).ParamName);
        run.Feed(1);
        Assert.Throws<ArgumentException>(() => new TriStateKvCache(device, Small with { QueryHeads = 3 }, new ArkvPolicy(), 200_000));
        Assert.Throws<ArgumentException>(() => new TriStateKvCache(device, Small with { HeadDim = 40 }, new ArkvPolicy(), 200_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TriStateKvCache(device, Small, new ArkvPolicy { Taps = 4 }, 200_000));
        Assert.Throws<ArgumentException>(() => KvPolicies.Find("nothing"));
    }

    [Fact]
    public void A_disposed_cache_says_so_also_in_the_middle_of_a_prompt()
    {
        var cache = new TriStateKvCache(TestDevices.Shared("cpu"), Small, new ArkvPolicy(), 200_000);
        using var run = new CacheHarness(cache);
        run.FeedLayer(0, 50);
        Assert.True(cache.Account.WorkspaceBytes > 0);
        cache.Dispose();
        cache.Dispose();
        Assert.Throws<ObjectDisposedException>(() => run.FeedLayer(1, 50));
        Assert.Throws<ObjectDisposedException>(() => cache.Account);
        Assert.Throws<ObjectDisposedException>(() => cache.Statistics);
        Assert.Throws<ObjectDisposedException>(() => cache.Save(new MemoryStream()));
    }

    [Fact]
    public void Distinct_caches_work_side_by_side_and_one_cache_takes_turns()
    {
        Device device = TestDevices.Shared("cpu");
        float[][] Alone(ulong seed)
        {
            using var cache = new TriStateKvCache(device, Small, new ArkvPolicy(), 150_000);
            using var run = new CacheHarness(cache, seed);
            run.Feed(100);
            return [.. Enumerable.Range(0, 60).SelectMany(_ => run.Feed(1).Outputs)];
        }

        float[][][] expected = [.. Enumerable.Range(0, 4).Select(i => Alone((ulong)i))];
        var found = new float[4][][];
        Parallel.For(0, 4, i => found[i] = Alone((ulong)i));
        for (int i = 0; i < 4; i++) Assert.Equal(expected[i], found[i]);

        using var shared = new TriStateKvCache(device, Small with { Layers = 1 }, new ArkvPolicy(), 150_000);
        Parallel.For(0, 4, i =>
        {
            using var run = new CacheHarness(shared, (ulong)i);
            for (int step = 0; step < 50; step++) run.Feed(1);
        });
        Assert.Equal(200, shared.Position);
        Assert.All(shared.Account.Layers, layer => Assert.Equal(200, layer.Original + layer.Quantised + layer.Evicted, 1e-9));
    }

    private static void SaveAndGoOn(KvPolicy policy, string device)
    {
        using var cache = new TriStateKvCache(TestDevices.Shared(device), Small, policy, TriStateKvCacheTests.Budget(policy, device));
        using var run = new CacheHarness(cache);
        run.Feed(60);
        for (int i = 0; i < 9; i++) run.Feed(1);
        using TriStateKvCache restored = TriStateKvCache.Restore(TestDevices.Shared(device), new MemoryStream(Save(cache)));
        Assert.Equal((cache.Position, cache.Policy, cache.BudgetBytes), (restored.Position, restored.Policy, restored.BudgetBytes));
        Assert.Equal(cache.Account.Layers, restored.Account.Layers);
        Assert.Equal(cache.Account.Purges, restored.Account.Purges);
        Assert.Equal(cache.Statistics, restored.Statistics);
        Assert.Equal(Save(cache), Save(restored));
        using CacheHarness left = new(cache, 9), right = new(restored, 9);
        for (int i = 0; i < 30; i++) Assert.Equal(left.Feed(1).Outputs, right.Feed(1).Outputs);
        Assert.Equal(Save(cache), Save(restored));
    }

    private static byte[] Save(TriStateKvCache cache)
    {
        using var stream = new MemoryStream();
        cache.Save(stream);
        return stream.ToArray();
    }

    private static void Refused(byte[] file)
    {
        Exception? error = Record.Exception(() => TriStateKvCache.Restore(TestDevices.Shared("cpu"), new MemoryStream(file)).Dispose());
        Assert.True(error is KvCacheFormatException or KvCacheBudgetException, error?.ToString() ?? "accepted");
    }

    /// <summary>Forgets what a refused call would have added.</summary>
    private static CacheHarness Clear(CacheHarness run, int tokens)
    {
        foreach (List<float[]>? list in run.Keys.Concat(run.Values)) list.RemoveRange(tokens, list.Count - tokens);
        return run;
    }
}
