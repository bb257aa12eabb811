using KernelSuite.Operations.Decode;
using KernelSuite.Operations.Decode.Portable;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Decode.Portable;

/// <summary>What the device code promises beyond its cases: groups of a GPU's shape anywhere, no races, and results equal to the bit.</summary>
public sealed class PortableDecodeTests
{
    public static TheoryData<string> Devices => [.. TestDevices.Ids.Where(id => id != "cpu")];

    public static TheoryData<string> OpenCl => TestDevices.OpenCl;

    public static TheoryData<string, string> Cases => new()
    {
        { "attention_decode", "primes-d127-dv131 float32" }, { "attention_decode", "primes-d7-dv5 bfloat16" }, { "attention_decode", "queries-16-gqa-4 float32" },
        { "attention_decode", "ragged-causal-queries-5 float16" }, { "attention_decode", "paged-3 bfloat16" }, { "attention_decode", "layout-gaps float16" },
        { "attention_decode", "mqa-32 float32" }, { "attention_decode", "d256 bfloat16" }, { "attention_decode", "logits-100 float32" }, { "attention_decode", "no-slot float32" },
        { "attention_decode", "splits-7 float32" }, { "mixed_decode", "e4m3-layout-slab bfloat16" }, { "mixed_decode", "int4-paged-16 float16" },
        { "mixed_decode", "int4-queries-5-causal float32" }, { "mixed_decode", "e4m3-primes-d127-dv131 float32" }, { "mixed_decode", "int4-d256 float32" },
        { "mixed_decode", "e4m3-no-original float32" }, { "mixed_decode", "int4-batch-invariant bfloat16" },
    };

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void No_case_has_a_race_in_shared_memory(string operation, string name) =>
        NamedCases.AssertPass(NamedCases.RaceChecker(), operation, [name], "race check", naive: false);

    /// <summary>A program each: pocl takes half a minute to compile a group of 128 work-items, so the rest is left to cudahost.</summary>
    public static TheoryData<string, string> GroupCases => new()
    {
        { "attention_decode", "layout-gaps float16" }, { "mixed_decode", "e4m3-primes-d127-dv131 float32" }, { "mixed_decode", "int4-paged-16 float16" },
    };

    [SkippableTheory]
    [MemberData(nameof(GroupCases))]
    public void Groups_of_a_gpu_pass_on_any_opencl_device(string operation, string name)
    {
        Device device = TestDevices.Shared(TestDevices.OpenClIds[0]);
        CaseResult result = ValidateGpuTiles(device, NamedCases.Expect(operation, name));
        Assert.True(result.Status == CaseStatus.Pass, $"{result.Case}: {result.Status}, {result.Reason}");
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Without_quantised_slots_mixed_decode_gives_the_bits_of_attention_decode(string id)
    {
        Device device = TestDevices.Shared(id);
        foreach (KvFormat format in Enum.GetValues<KvFormat>())
        {
            foreach (DType dtype in new[] { DType.Float32, DType.BFloat16 })
            {
                var shape = new DecodeShape(2, 6, 2, 1, 64);
                var slots = DecodeSegment.Contiguous(701, hasLengths: true);
                using var plain = new DecodeRun(device, new DecodeProblem(shape, slots, dtype), [701, 333]);
                using var none = new DecodeRun(device, new DecodeProblem(shape, slots, dtype, quantised: new(format, DecodeSegment.Contiguous(0))), [701, 333]);
                using var empty = new DecodeRun(
                    device, new DecodeProblem(shape, slots, dtype, quantised: new(format, DecodeSegment.Contiguous(900, hasLengths: true))), [701, 333]);
                Assert.Equal(plain.Outputs(), none.Outputs());
                Assert.Equal(plain.Outputs(), empty.Outputs());
            }
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_batch_invariant_result_depends_on_the_sequence_alone(string id)
    {
        Device device = TestDevices.Shared(id);
        DecodeOptions options = new() { BatchInvariant = true };
        using var alone = new DecodeRun(device, new DecodeProblem(new(1, 4, 2, 1, 64), DecodeSegment.Contiguous(1301, true), DType.Float32, options), [1301]);
        byte[] expected = alone.Outputs();
        foreach ((int batch, int capacity) in new[] { (1, 5000), (5, 1301), (3, 2048) })
        {
            // Sequence 0 of every batch holds the same slots: contents are a function of head, slot and column.
            using var run = new DecodeRun(
                device, new DecodeProblem(new(batch, 4, 2, 1, 64), DecodeSegment.Contiguous(capacity, true), DType.Float32, options),
                [.. Enumerable.Range(0, batch).Select(b => b == 0 ? 1301 : 17 * b)]);
            Assert.Equal(expected, run.Outputs()[..expected.Length]);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void The_order_of_pages_does_not_matter_and_ids_behind_the_length_are_not_followed(string id)
    {
        Device device = TestDevices.Shared(id);
        var shape = new DecodeShape(1, 4, 2, 1, 64);
        var paging = new KvPaging(9, 16, 12);
        var random = new Random(5);
        byte[]? expected = null;
        for (int round = 0; round < 4; round++)
        {
            int[] pages = [.. Enumerable.Range(0, 9).OrderBy(_ => round == 0 ? 0 : random.Next())];
            int[] table = [.. pages.Take(7), int.MaxValue, -1, int.MinValue, 999, 1 << 30];
            using var run = new DecodeRun(device, new DecodeProblem(shape, DecodeSegment.Paged(paging), DType.Float32), [100], table);
            expected ??= run.Outputs();
            Assert.Equal(expected, run.Outputs());
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Any_number_of_splits_gives_the_same_result_to_rounding(string id)
    {
        Device device = TestDevices.Shared(id);
        float[]? expected = null;
        foreach (int splits in new[] { 1, 2, 3, 11, 4096 })
        {
            var problem = new DecodeProblem(new(2, 4, 2, 1, 64), DecodeSegment.Contiguous(1001, true), DType.Float32, new() { Splits = splits });
            using var run = new DecodeRun(device, problem, [1001, 65]);
            float[] output = run.Floats();
            expected ??= output;
            for (int i = 0; i < output.Length; i++) Assert.Equal(expected[i], output[i], 1e-5f);
        }
    }

    internal static CaseResult ValidateGpuTiles(Device device, CaseExpectation expectation)
    {
        var problem = (DecodeProblem)expectation.Case.Problem;
        int longest = Math.Max(problem.Shape.HeadDim, problem.Shape.ValueDim);
        DecodeTiles tiles = DecodeTiles.GpuTiles.First(t => t.Capacity >= longest);
        return Validator.Validate(device, expectation, "split, gpu tiles", d => new PortableDecodePlan(d, problem, tiles));
    }
}
