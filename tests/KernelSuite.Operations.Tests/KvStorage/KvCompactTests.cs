using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.KvStorage;

/// <summary>What only compaction and quantisation promise: in place, rows past the count, data that cannot be trusted.</summary>
public sealed class KvCompactTests
{
    public static TheoryData<string> Devices => TestDevices.All;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void In_place_equals_elsewhere(string id)
    {
        Device device = TestDevices.Shared(id);
        var random = new SeededRandom(3);
        foreach (int width in new[] { 1, 3, 64, 128, 3000 })
        {
            foreach (KvPaging? paging in new[] { null, new KvPaging(90, 7, 40) })
            {
                const int Batch = 2, Heads = 2, Slots = 260, Kept = 171;
                var problem = new KvCompactProblem(new(Batch, Heads, Slots, Kept, width, 16), DType.BFloat16, paging, hasSlotMap: true, hasCounts: true);
                int[] keep = [.. Enumerable.Range(0, Batch * Heads).SelectMany(_ => Enumerable.Range(0, Slots).OrderBy(_ => random.NextBits()).Take(Kept).Order())];
                int[] table = [.. Enumerable.Range(0, 90).OrderBy(_ => random.NextBits()).Take(80)];
                ushort[] k = Random(problem, KvCompactProblem.K, random), v = Random(problem, KvCompactProblem.V, random);
                int[] map = [.. Enumerable.Range(0, Batch * Heads * Slots)];
                var results = new List<(ushort[] K, ushort[] V, int[] Map)>();
                foreach (bool inPlace in new[] { true, false })
                {
                    (int, int)[] pairs = [(KvCompactProblem.KOut, KvCompactProblem.K), (KvCompactProblem.VOut, KvCompactProblem.V), (KvCompactProblem.SlotMapOut, KvCompactProblem.SlotMap)];
                    using var run = new OperandRun(device, problem, inPlace ? pairs : []);
                    run.Write(KvCompactProblem.Keep, keep);
                    run.Write(KvCompactProblem.Counts, [Kept, 0, 100, int.MaxValue]);
                    if (paging is not null) run.Write(KvCompactProblem.PageTable, table);
                    run.Write(KvCompactProblem.KOut, k);
                    run.Write(KvCompactProblem.VOut, v);
                    run.Write(KvCompactProblem.SlotMapOut, map);
                    run.Write(KvCompactProblem.K, k);
                    run.Write(KvCompactProblem.V, v);
                    run.Write(KvCompactProblem.SlotMap, map);
                    run.Launch(KvCompactOperation.Instance);
                    results.Add((ReadBits(run, KvCompactProblem.KOut), ReadBits(run, KvCompactProblem.VOut), run.Read<int>(KvCompactProblem.SlotMapOut)));
                }

                // Elsewhere started with the same rows, so that what no row was moved to is compared as well.
                Assert.Equal(results[1].K, results[0].K);
                Assert.Equal(results[1].V, results[0].V);
                Assert.Equal(results[1].Map, results[0].Map);
                Assert.Equal(keep[..Kept], results[0].Map[..Kept]);
                Assert.Equal(map[Kept..Slots], results[0].Map[Kept..Slots]);
                Assert.NotEqual(k, results[0].K);
            }
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Nonsense_in_keep_and_tables_touches_nothing_outside(string id)
    {
        Device device = TestDevices.Shared(id);
        var random = new SeededRandom(8);
        var paging = new KvPaging(5, 4, 4);
        var problem = new KvCompactProblem(new(1, 2, 16, 16, 5), DType.UInt8, paging);
        for (int round = 0; round < 20; round++)
        {
            byte[] k = [.. Enumerable.Range(0, 5 * 2 * 4 * 5).Select(_ => (byte)random.NextBits())];
            using var run = new OperandRun(device, problem, (KvCompactProblem.KOut, KvCompactProblem.K));
            run.Write(KvCompactProblem.Keep, [.. Enumerable.Range(0, 32).Select(_ => (int)(random.NextUniform() < 0.5 ? random.NextBits() : random.NextBits() % 16))]);
            run.Write(KvCompactProblem.PageTable, [.. Enumerable.Range(0, 4).Select(_ => (int)(random.NextUniform() < 0.3 ? random.NextBits() : random.NextBits() % 5))]);
            run.Write(KvCompactProblem.K, k);
            run.Launch(KvCompactOperation.Instance);
            Assert.All(run.Read<byte>(KvCompactProblem.K), b => Assert.Contains(b, k));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void What_is_not_stored_keeps_its_contents(string id)
    {
        Device device = TestDevices.Shared(id);
        var problem = new KvQuantizeProblem(new(1, 1, 4, 3, 6, 32), DType.Float32, KvFormat.Int4, hasRows: true, hasCounts: true, hasStart: true);
        using var run = new OperandRun(device, problem);
        run.Write(KvQuantizeProblem.X, [.. Enumerable.Range(0, 128).Select(i => i + 1f)]);
        run.Write(KvQuantizeProblem.Rows, [2, 9, 1]);
        run.Write(KvQuantizeProblem.Counts, [7]);
        run.Write(KvQuantizeProblem.Start, [2]);
        run.Launch(KvQuantizeOperation.Instance);
        byte[] groups = run.Read<byte>(KvQuantizeProblem.Groups);
        Assert.Equal([true, true, false, true, false, true], [.. groups.Select(g => g == 0xEE)]);
        byte[] codes = run.Read<byte>(KvQuantizeProblem.Codes);
        Assert.All(codes[..32], c => Assert.Equal(0xEE, c));
        Assert.All(codes[80..], c => Assert.Equal(0xEE, c));
    }

    [Fact]
    public void Problems_that_cannot_be_meant_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new KvCompactProblem(new(1, 1, 4, 5, 8), DType.Float32));
        Assert.Throws<ArgumentException>(() => new KvCompactProblem(new(1, 1, 40, 5, 8), DType.Float32, new KvPaging(9, 4, 4)));
        Assert.Contains("multiple of 32", Assert.Throws<ArgumentException>(() => new KvQuantizeProblem(new(1, 1, 4, 4, 4, 40), DType.Float32, KvFormat.Int4)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new KvQuantizeProblem(new(1, 1, 4, 5, 5, 32), DType.Float32, KvFormat.Int4));
        Assert.Throws<ArgumentException>(() => new KvDequantizeProblem(new(1, 1, 4, 32), DType.Int32, KvFormat.E4M3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KernelSuite.Operations.Selection.TopKProblem(1, -1, 0));
    }

    private static ushort[] Random(KvCompactProblem problem, int operand, SeededRandom random) =>
        [.. Enumerable.Range(0, (int)problem.Operands[operand]!.StorageLength).Select(_ => (ushort)random.NextBits())];

    private static ushort[] ReadBits(OperandRun run, int operand) => [.. run.Read<BFloat16>(operand).Select(x => System.Runtime.CompilerServices.Unsafe.BitCast<BFloat16, ushort>(x))];
}
