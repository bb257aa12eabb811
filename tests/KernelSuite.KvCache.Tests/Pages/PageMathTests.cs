using KernelSuite.Operations;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache.Tests.Pages;

/// <summary>Page geometry, layouts, and the division of budgets: pure functions.</summary>
public class PageMathTests
{
    public static TheoryData<int, DType, int?> Rows => new()
    {
        { 64, DType.Float16, (int)KvFormat.Int4 }, { 128, DType.BFloat16, (int)KvFormat.E4M3 }, { 32, DType.Float32, (int)KvFormat.Int4 }, { 7, DType.BFloat16, (int)KvFormat.E4M3 },
        { 1, DType.Float16, null }, { 256, DType.Float32, null }, { 96, DType.Float16, (int)KvFormat.Int4 },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_parts_of_a_page_do_not_overlap(int dim, DType dtype, int? format)
    {
        for (int slots = 1; slots <= PageGeometry.LargestSlots; slots++)
        {
            var g = new PageGeometry(dim, dtype, (KvFormat?)format, slots);
            Assert.Equal(0, g.PageBytes % sizeof(float));
            Assert.True(g.ValueOffset * 2 <= g.PageBytes);
            if (!g.IsUsable || format is null) continue;
            int n = g.QuantisedSlots;
            (int From, int Bytes)[] parts =
            [
                (0, n * g.CodeBytes), (g.ValueCodeOffset, n * g.CodeBytes), (g.GroupOffset, n * g.GroupBytes), (g.ValueGroupOffset, n * g.GroupBytes),
                (g.ScaleOffset, 4 * n), (g.ValueScaleOffset, 4 * n),
            ];
            int end = 0;
            foreach ((int from, int bytes) in parts)
            {
                Assert.True(from >= end);
                end = from + bytes;
            }

            Assert.True(end <= g.PageBytes);
            Assert.Equal(0, g.ScaleOffset % sizeof(float));
        }
    }

    [Fact]
    public void Layouts_stay_within_every_budget_and_hold_more_with_more()
    {
        var shape = new KvCacheShape(4, 4, 2, 64, DType.Float16);
        foreach (KvPolicy policy in KvPolicies.All)
        {
            long least = CacheLayout.Least(shape, policy.Rules).Bytes;
            Assert.Null(CacheLayout.Fit(shape, policy.Rules, least - 1));
            Assert.NotNull(CacheLayout.Fit(shape, policy.Rules, least));
            for (long budget = least; budget < 40_000_000; budget = budget * 9 / 7)
            {
                CacheLayout layout = CacheLayout.Fit(shape, policy.Rules, budget)!;
                Assert.True(layout.Bytes <= budget);

                // Little is lost to rounding: less than the share of a few pages, or an eighth in the smallest caches.
                if (budget > 4 * least) Assert.True(layout.Bytes > 0.9 * budget, $"{policy.Name}: {layout.Bytes} of {budget}");
                Assert.True(layout.Quotas([1, 5, 2, 3]).Sum() <= layout.LayerPages);
            }
        }
    }

    [Fact]
    public void Division_gives_everything_within_bounds_and_never_more_to_a_layer_when_others_come()
    {
        var random = new SeededRandom(7);
        for (int round = 0; round < 300; round++)
        {
            int layers = 1 + (int)(random.NextUniform() * 12), least = 1 + (int)(random.NextUniform() * 4), total = (layers * least) + (int)(random.NextUniform() * 400);
            int most = Math.Max(least, (int)(2.0 * total / layers));
            double[] weights = [.. Enumerable.Range(0, layers).Select(_ => Math.Exp(2 * random.NextNormal()))];
            int[]? before = null;
            for (int seen = 1; seen <= layers; seen++)
            {
                int[] parts = LayerBudgets.Divide(weights.AsSpan(0, seen), total, least, most);
                Assert.True(parts.Sum() <= total);
                Assert.All(parts, p => Assert.InRange(p, least, most));
                if (parts.Any(p => p < most)) Assert.Equal(total, parts.Sum());
                for (int l = 0; before is not null && l < seen - 1; l++) Assert.True(parts[l] <= before[l] + 1);
                before = parts;
            }
        }

        Assert.Equal([3, 3, 3], LayerBudgets.Divide([0, 0, 0], 9, 1, 9));
        Assert.Equal([3, 3, 4], LayerBudgets.Divide([double.NaN, 0, 1], 10, 3, 9));
    }

    [Fact]
    public void Targets_fill_the_pages_and_grow_with_them()
    {
        foreach (double share in new[] { 0, 0.25, 0.7 })
        {
            KvRules rules = new ArkvPolicy { OriginalShare = share }.Rules;
            foreach (int slots in new[] { 1, 3, 16 })
            {
                var g = new PageGeometry(64, DType.Float16, KvFormat.Int4, slots);
                foreach (int candidates in new[] { 0, 1, 10, 100, 1000 })
                {
                    (int originals, int total) = (0, 0);
                    for (int pages = SegmentTargets.LeastPages(rules, g); pages < 400; pages++)
                    {
                        SegmentTargets t = SegmentTargets.Choose(rules, g, pages, 8, candidates);
                        Assert.InRange(t.Originals + t.Quantised, 0, candidates);
                        Assert.True(((8 + t.Originals + slots) / slots) + ((t.Quantised + g.QuantisedSlots - 1) / g.QuantisedSlots) <= pages, "no room to grow");
                        if ((pages & (pages - 1)) != 0 && SegmentTargets.GrowthPages(pages) == SegmentTargets.GrowthPages(pages - 1))
                            Assert.True(t.Originals + slots > originals && t.Originals + t.Quantised >= total - slots);
                        (originals, total) = (t.Originals, t.Originals + t.Quantised);
                    }

                    if (399 * slots > candidates + 8) Assert.Equal(candidates, originals);
                }
            }
        }
    }

    [Fact]
    public void Trimming_in_steps_ends_where_trimming_at_once_does()
    {
        var random = new SeededRandom(11);
        var shape = new KvCacheShape(3, 2, 1, 64, DType.Float16);
        KvRules rules = new ArkvPolicy().Rules;
        CacheLayout layout = CacheLayout.Fit(shape, rules, 300_000)!;
        for (int round = 0; round < 50; round++)
        {
            int tokens = 30 + (int)(random.NextUniform() * 900);
            float[] scores = [.. Enumerable.Range(0, tokens).Select(_ => (float)random.NextUniform())];
            int[] all = [.. Enumerable.Range(0, tokens)];
            int wide = layout.LeastPages + 2 + (int)(random.NextUniform() * layout.TableColumns), narrow = layout.LeastPages + (int)(random.NextUniform() * (wide - layout.LeastPages));
            (int Position, RowFate Fate)[] first = Judge(layout, wide, [.. all.Select(p => (p, RowFate.Keep))], scores, tokens);
            (int Position, RowFate Fate)[] direct = Judge(layout, narrow, [.. all.Select(p => (p, RowFate.Keep))], scores, tokens);
            Assert.Equal(direct, Judge(layout, narrow, first, scores, tokens));
        }
    }

    [Fact]
    public void Ranking_breaks_ties_by_index_and_puts_nan_last()
    {
        Assert.Equal([1, 2, 4], TokenRanking.Top([float.NaN, 3, 3, -1, 7, 3], 3));
        Assert.Equal([0, 1], TokenRanking.Top([-0f, 0f, 0f], 2));
        Assert.Equal([0, 1, 2], TokenRanking.Top([1, float.NaN, float.NegativeInfinity], 9));
        var pooled = new float[4];
        TokenRanking.Pool([5, 0, 0, 5], 3, pooled);
        Assert.Equal([5 / 3f, 5 / 3f, 5 / 3f, 5 / 3f], pooled);
    }

    [Fact]
    public void The_pool_refuses_a_page_that_comes_back_twice()
    {
        var pool = new PagePool(2);
        int page = pool.Take();
        pool.Return(page);
        Assert.Throws<InvalidOperationException>(() => pool.Return(page));
        _ = (pool.Take(), pool.Take());
        Assert.Throws<InvalidOperationException>(() => pool.Take());
    }

    /// <summary>States of a head's rows after a verdict, by position.</summary>
    private static (int Position, RowFate State)[] Judge(CacheLayout layout, int pages, (int Position, RowFate State)[] held, float[] scores, int end)
    {
        var pool = new PagePool(2 * end);
        int[] positions = new int[2 * end * layout.Geometry.MostSlots], control = new int[2 + (2 * end)];
        RowList originals = List(RowFate.Keep, 0, layout.Geometry.OriginalSlots), quantised = List(RowFate.Demote, 1, layout.Geometry.QuantisedSlots);
        using var tables = new VerdictTables(held.Length, 1);
        tables.Fill(originals, quantised);
        tables.RankBy(scores);
        HeadVerdict.Judge(layout, pages, tables, originals.Count, end, tables.Fates(0));
        var left = new List<(int Position, RowFate State)>();
        for (int row = 0; row < held.Length; row++)
        {
            bool isQuantised = row >= originals.Count;
            int position = isQuantised ? quantised.Position(row - originals.Count) : originals.Position(row);
            if (tables.Fates(0)[row] != RowFate.Evict) left.Add((position, isQuantised ? RowFate.Demote : tables.Fates(0)[row]));
        }

        return [.. left.Order()];

        RowList List(RowFate state, int index, int slots)
        {
            var list = new RowList(control, index, 2 + (index * end), end, slots, positions, layout.Geometry.MostSlots);
            int[] rows = [.. held.Where(row => row.State == state).Select(row => row.Position)];
            list.Reserve(rows.Length, pool);
            list.Count = rows.Length;
            for (int i = 0; i < rows.Length; i++) list.SetPosition(i, rows[i]);
            return list;
        }
    }
}
