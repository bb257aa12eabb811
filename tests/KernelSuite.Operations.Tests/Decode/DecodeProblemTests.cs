using KernelSuite.Operations.Decode;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Tests.Decode;

/// <summary>What a problem, its splits and its cost are; and what is refused.</summary>
public sealed class DecodeProblemTests
{
    private static readonly DecodeShape Shape = new(2, 8, 2, 1, 64);

    [Fact]
    public void Values_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new DecodeProblem(Shape with { QueryHeads = 7 }, DecodeSegment.Contiguous(4), DType.Float32));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DecodeProblem(Shape with { QueryLength = 17 }, DecodeSegment.Contiguous(4), DType.Float32));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DecodeProblem(Shape with { HeadDim = 257 }, DecodeSegment.Contiguous(4), DType.Float32));
        Assert.Throws<ArgumentException>(() => new DecodeProblem(Shape, DecodeSegment.Contiguous(4), DType.Int32));
        Assert.Throws<ArgumentOutOfRangeException>(() => DecodeSegment.Contiguous(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => DecodeSegment.Paged(new(4, 1025, 4)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DecodeProblem(Shape, DecodeSegment.Contiguous(4), DType.Float32, new() { Splits = -1 }));
        Assert.Throws<ArgumentException>(() => new DecodeProblem(Shape, DecodeSegment.Contiguous(4), DType.Float32, new() { Splits = 2, BatchInvariant = true }));
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => new DecodeProblem(Shape with { HeadDim = 80 }, DecodeSegment.Contiguous(4), DType.Float32, quantised: new(KvFormat.Int4, DecodeSegment.Contiguous(4))));
        Assert.Contains("use e4m3", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new DecodeProblem(Shape, DecodeSegment.Contiguous(4), DType.Float32, layout: new() { Out = new(0, 64, 64) }));
    }

    [Theory]
    [InlineData(1, 5, 5)]
    [InlineData(3, 5, 3, 4, 5)]
    [InlineData(3, 2, 0, 1, 2)]
    [InlineData(2, 0, 0, 0)]
    public void Causal_rows_see_up_to_themselves(int queries, int length, params int[] visible)
    {
        var problem = new DecodeProblem(Shape with { QueryLength = queries }, DecodeSegment.Contiguous(9), DType.Float32, new() { Causal = true });
        Assert.Equal(visible, Enumerable.Range(0, queries).Select(i => problem.VisibleSlots(i, length)));
    }

    [Fact]
    public void Parts_cover_every_slot_once_and_fit_the_launch()
    {
        foreach (DecodeOptions options in new DecodeOptions[] { new(), new() { Splits = 5 }, new() { Splits = 4096 }, new() { BatchInvariant = true } })
        {
            foreach (int capacity in new[] { 0, 1, 63, 64, 65, 511, 512, 513, 32768, 100_003 })
            {
                DecodeSplits splits = DecodeSplits.Choose(8, capacity, 132, options);
                Assert.InRange(splits.MaxParts, 1, Math.Max(4096, capacity / 512 + 1));
                foreach (int slots in new[] { 0, 1, capacity / 2, capacity })
                {
                    int each = splits.SlotsPerPart(slots);
                    Assert.True(each > 0 && each % DecodeSplits.Granule == 0);
                    Assert.True((long)each * splits.MaxParts >= Math.Min(slots, capacity), $"{options}, {capacity}, {slots}: {splits}, {each}");
                }
            }
        }
    }

    [Fact]
    public void Splits_fill_the_machine_and_depend_on_no_capacity()
    {
        DecodeOptions options = new();
        Assert.Equal(1, DecodeSplits.Choose(1000, 32768, 2, options).MaxParts);
        Assert.Equal(2, DecodeSplits.Choose(8, 32768, 2, options).MaxParts);
        Assert.True(8 * DecodeSplits.Choose(8, 1 << 20, 132, options).MaxParts >= 132 * DecodeSplits.TasksPerWorker);
        Assert.Equal(DecodeSplits.Choose(8, 1000, 132, options).SlotsPerPart(777), DecodeSplits.Choose(8, 99_000, 132, options).SlotsPerPart(777));
        Assert.Equal(DecodeSplits.FixedSlots, DecodeSplits.Choose(8, 1000, 132, new() { BatchInvariant = true }).SlotsPerPart(99_999));
    }

    [Fact]
    public void Cost_counts_the_rows_that_are_read()
    {
        OperationCost plain = new DecodeProblem(new(1, 32, 8, 1, 128), DecodeSegment.Paged(new(9999, 16, 64)), DType.BFloat16, hasLse: false).Cost;
        Assert.Equal((8.0 * 1024 * 256 * 2) + (2 * 32 * 128 * 2) + (64 * 4) + 4, plain.MinimumBytes);
        Assert.Equal(2.0 * 32 * 1024 * 256, plain.Flops);
        OperationCost mixed = new DecodeProblem(
            new(1, 32, 8, 1, 128), DecodeSegment.Contiguous(0), DType.BFloat16, quantised: new(KvFormat.Int4, DecodeSegment.Contiguous(1024)), hasLse: false).Cost;
        Assert.Equal((8.0 * 1024 * 144) + (2 * 32 * 128 * 2), mixed.MinimumBytes);
    }
}
