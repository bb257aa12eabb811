using KernelSuite.Operations;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.KvCache.Tests.Cache;

/// <summary>Several tokens at once into a cache that holds others: as one at a time.</summary>
public class ChunkTests
{
    private static readonly KvCacheShape Small = new(2, 4, 2, 32, DType.Float32);

    public static TheoryData<string, string> PoliciesAndDevices
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string device in TestDevices.Ids)
            {
                foreach (KvPolicy policy in KvPolicies.All.Where(policy => policy is not ArkvReferencePolicy)) data.Add(policy.Name, device);
            }

            return data;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(PoliciesAndDevices))]
    public void A_chunk_is_its_tokens_one_by_one(string name, string device)
    {
        KvPolicy policy = KvPolicies.Find(name);
        long budget = policy is FullPolicy
            ? TriStateKvCache.BytesFor(TestDevices.Shared(device), Small, policy, 200)
            : PagedStore.BytesOf(TestDevices.Shared(device), CacheLayout.Least(Small, policy.Rules)) + (24 * Small.BytesPerToken);
        using var whole = new TriStateKvCache(TestDevices.Shared(device), Small, policy, budget);
        using var single = new TriStateKvCache(TestDevices.Shared(device), Small, policy, budget);
        using var run = new CacheHarness(whole);
        int position = 0;
        foreach (int tokens in (int[])[60, 1, 41, 2, 67])
        {
            int Width(int input) => 32 * (input % 3 == 0 ? Small.QueryHeads : Small.KvHeads);
            List<DeviceMemory> inputs = [.. Enumerable.Range(0, 3 * Small.Layers).Select(i => run.Upload(run.Random(tokens * Width(i))))];
            float[][] expected = position == 0 ? Feed(single, run, inputs, tokens, tokens) : Feed(single, run, inputs, tokens, 1);
            float[][] found = Feed(whole, run, inputs, tokens, tokens);
            for (int l = 0; l < Small.Layers; l++)
            {
                for (int i = 0; i < found[l].Length; i++) Assert.Equal(expected[l][i], found[l][i], 1e-5f);
            }

            foreach (DeviceMemory input in inputs) input.Dispose();
            position += tokens;
            Assert.Equal(single.Account.Purges, whole.Account.Purges);
            Assert.Equal(single.Account.Layers, whole.Account.Layers);
            Assert.Equal(0, whole.Account.WorkspaceBytes);
        }

        // The same rows in the same places, whatever the blocks were. Sums of probabilities are added token by token in either.
        Assert.Equal(Saved(single), Saved(whole));
        if (policy is not FullPolicy) Assert.True(whole.Account.Purges > 3);
    }

    private static float[][] Feed(TriStateKvCache cache, CacheHarness run, List<DeviceMemory> inputs, int tokens, int each)
    {
        DeviceMemory[] outputs = [.. Enumerable.Range(0, Small.Layers).Select(_ => cache.Device.Allocate(Small.DType, tokens * 4 * 32))];
        for (int i = 0; i < tokens; i += each)
        {
            for (int l = 0; l < Small.Layers; l++)
            {
                int query = i * Small.QueryHeads * 32, row = i * Small.KvHeads * 32;
                cache.Attend(
                    run.Stream, l, each, new(inputs[3 * l], query), new(inputs[(3 * l) + 1], row), new(inputs[(3 * l) + 2], row),
                    new(outputs[l], query));
                KvAccount account = cache.Account;
                Assert.True(account.BytesHeld <= cache.BudgetBytes && account.PeakBytesHeld <= cache.BudgetBytes);
            }
        }

        float[][] result = [.. outputs.Select(output => run.Download(output, tokens * 4 * 32))];
        foreach (DeviceMemory output in outputs) output.Dispose();
        return result;
    }

    private static byte[] Saved(TriStateKvCache cache)
    {
        using var stream = new MemoryStream();
        cache.Save(stream);
        return stream.ToArray();
    }
}
