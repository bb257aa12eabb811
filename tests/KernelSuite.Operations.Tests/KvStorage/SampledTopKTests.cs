using KernelSuite.Operations.Selection;
using KernelSuite.Operations.Selection.Cpu;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.KvStorage;

/// <summary>Selection by sampled bounds: where ties lie on the threshold, where samples mislead, and against the radix passes.</summary>
public sealed unsafe class SampledTopKTests
{
    /// <summary>Rows around a vector, around the size of which no sample is taken, and of several pieces.</summary>
    public static TheoryData<int> Lengths => [1, 15, 16, 17, 63, 64, 65, 1023, 1024, 1025, 4096, 16_411, 70_001, 200_003];

    [SkippableTheory]
    [MemberData(nameof(Lengths))]
    public void Counts_at_every_end_are_the_radix_passes_own(int length)
    {
        Skip.If(CpuSimds.Best < CpuSimd.Vector512, "Samples are taken on vectors of 512 bits only.");
        var random = new Random(length);
        float[] scores = [.. Enumerable.Range(0, length).Select(_ => MathF.Exp(4 * (random.NextSingle() + random.NextSingle() - 1)))];
        foreach (int count in new[] { 0, 1, 2, 17, length / 4, length / 2, length - 17, length - 1, length, length + 3 })
            if (count >= 0) AssertAlike(scores, count);
    }

    [SkippableTheory]
    [InlineData(5_003)]
    [InlineData(200_003)]
    public void Orders_and_ties_of_every_kind_are_the_radix_passes_own(int length)
    {
        Skip.If(CpuSimds.Best < CpuSimd.Vector512, "Samples are taken on vectors of 512 bits only.");
        var random = new Random(3);
        Func<int, float>[] kinds =
        [
            _ => 0.5f, i => i, i => -i, i => i % 2 == 0 ? 0f : -0f, i => i % 3, _ => random.Next(8),
            _ => random.Next(100) == 0 ? random.NextSingle() : 0.5f, i => float.Epsilon * (i % 50),
            i => i < length / 4 ? 1 : 0, i => i >= length - (length / 4) ? 1 : 0, i => i % 4 == 0 ? float.PositiveInfinity : float.NegativeInfinity,
            i => i % 100 == 0 ? float.PositiveInfinity : float.NegativeInfinity, i => i % 3 == 0 ? float.MaxValue : float.PositiveInfinity,
            i => i % 2 == 0 ? float.NaN : random.NextSingle(), i => i % 8 == 0 ? random.NextSingle() : float.NaN, _ => float.NaN,
        ];
        foreach (Func<int, float> kind in kinds)
        {
            float[] scores = [.. Enumerable.Range(0, length).Select(kind)];
            foreach (int count in new[] { 1, (length / 4) - 1, length / 4, (length / 4) + 1, length / 2, length - 1 }) AssertAlike(scores, count);
        }
    }

    [SkippableTheory]
    [InlineData(5_003)]
    [InlineData(200_003)]
    [InlineData(1_000_003)]
    public void Misleading_samples_leave_the_row_to_the_radix_passes(int length)
    {
        Skip.If(CpuSimds.Best < CpuSimd.Vector512, "Samples are taken on vectors of 512 bits only.");
        int samples = SampledBounds.SamplesOf(length);
        float[] positions = [.. Enumerable.Range(0, length)], sampled = new float[samples];
        fixed (float* first = positions, target = sampled)
        {
            Span<int> one = [length];
            new ScoreRuns(first, 0, one).Sample(samples, target);
        }

        // Every sample is 1; nearly every other score is larger, or smaller, or not a number.
        var random = new Random(7);
        foreach (Func<float> other in new Func<float>[] { () => 2 + random.NextSingle(), () => -random.NextSingle(), () => float.NaN })
        {
            float[] scores = [.. Enumerable.Range(0, length).Select(_ => other())];
            foreach (float position in sampled) scores[(int)position] = 1;
            Span<int> one = [length];
            fixed (float* first = scores) Assert.Equal(new SampledBounds(1, 1), SampledBounds.Of(new ScoreRuns(first, 0, one), length, length / 4));
            AssertAlike(scores, length / 4);
        }
    }

    [Fact]
    public void Samples_lie_in_stretches_of_their_own()
    {
        foreach (int length in new[] { 1025, 4099, 1_000_003 })
        {
            int samples = SampledBounds.SamplesOf(length);
            float[] positions = [.. Enumerable.Range(0, length)], sampled = new float[samples];
            fixed (float* first = positions, target = sampled)
            {
                // Runs of memory that make up the same row, an empty one among them.
                Span<int> runs = [length / 3, 0, length - (length / 3)];
                var parts = new float[3 * length];
                Array.Copy(positions, parts, runs[0]);
                Array.Copy(positions, runs[0], parts, 2 * length, runs[2]);
                fixed (float* split = parts) new ScoreRuns(split, length, runs).Sample(samples, target);
                for (int j = 0; j < samples; j++)
                    Assert.InRange(sampled[j], Math.Floor((double)j * length / samples), Math.Ceiling((j + 1.0) * length / samples));
            }
        }
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(1000)]
    public void Positions_of_bits_end_where_they_should(int blocks)
    {
        Skip.If(CpuSimds.Best < CpuSimd.Vector512, "Positions are made of bits on vectors of 512 bits only.");
        var random = new Random(blocks);
        foreach (double density in new[] { 0.004, 0.06, 0.2, 0.25, 0.5, 0.9, 1.0 })
        {
            // Blocks without bits and a full one among the others, some offsets left out.
            ulong[] words =
            [
                .. Enumerable.Range(0, blocks)
                    .Select(block => block % 9 == 5 ? 0 : block % 11 == 3 ? ulong.MaxValue : Word(random, density)),
            ];
            int[] offsets = [.. Enumerable.Range(0, blocks).Select(block => 64 * (block + (block / 3)))];
            int[] expected =
            [
                .. Enumerable.Range(0, blocks * 64)
                    .Where(bit => (words[bit / 64] >> (bit % 64) & 1) != 0)
                    .Select(bit => 7 + offsets[bit / 64] + (bit % 64)),
            ];
            int[] fast = [.. Enumerable.Repeat(-9, expected.Length + 100)], exact = [.. fast];
            fixed (ulong* word = words)
            fixed (int* offset = offsets, target = fast, other = exact)
            {
                PositionScan.Emit(word, offset, blocks, 7, expected.Length, target);
                PositionScan.EmitExactly(word, offset, 7, other, other + expected.Length);
            }

            Assert.Equal([.. expected, .. Enumerable.Repeat(-9, 100)], fast);
            Assert.Equal(fast, exact);
        }
    }

    [SkippableFact]
    public void Ranks_are_found_in_any_runs()
    {
        Skip.If(CpuSimds.Best < CpuSimd.Vector512, "Runs are counted on vectors of 512 bits only.");
        var random = new Random(11);
        foreach (Func<float> kind in new Func<float>[]
            { random.NextSingle, () => random.Next(5) - 2, () => MathF.Exp(40 * (random.NextSingle() - 0.5f)), () => -random.NextSingle() * 1e-40f })
        {
            const int Stride = 400;
            int[] lengths = [333, 0, 1, 96];
            var scores = new float[Stride * lengths.Length];
            var all = new List<float>();
            for (int run = 0; run < lengths.Length; run++)
                for (int i = 0; i < lengths[run]; i++) all.Add(scores[(run * Stride) + i] = kind());
            float[] sorted = [.. all.OrderDescending()];
            fixed (float* first = scores)
            {
                var runs = new ScoreRuns(first, Stride, lengths);
                runs.Fence();
                Assert.Equal((sorted[^1], sorted[0]), runs.Extremes());
                for (int rank = 1; rank <= sorted.Length; rank++)
                {
                    Assert.Equal(sorted[rank - 1], runs.LeastFrom(runs.ScoreOf(rank, rank, sorted[^1], sorted[0])));
                    float near = runs.ScoreOf(rank, rank + 9, float.NegativeInfinity, float.PositiveInfinity);
                    int here = runs.AtLeast(near);
                    Assert.True(here >= rank && (here <= rank + 9 || near == sorted[rank - 1]), $"rank {rank} near {near}");
                }
            }
        }
    }

    private static ulong Word(Random random, double density) =>
        Enumerable.Range(0, 64).Aggregate(0ul, (word, bit) => random.NextDouble() < density ? word | (1ul << bit) : word);

    private static void AssertAlike(float[] scores, int count)
    {
        foreach (int rows in new[] { 1, 3 })
        {
            // Rows lie apart, and so do theirs of the output: nothing may be written between them.
            var problem = new TopKProblem(rows, scores.Length, count, scoreStride: scores.Length + 5, indexStride: count + 3);
            Assert.Equal(Run(problem, scores, samples: false), Run(problem, scores, samples: true));
        }
    }

    private static int[] Run(TopKProblem problem, float[] scores, bool samples)
    {
        var device = (CpuDevice)NamedCases.Cpu(CpuSimd.Vector512);
        using var run = new OperandRun(device, problem);
        var all = new float[problem.Operands[TopKProblem.Scores]!.StorageLength];
        Array.Fill(all, float.PositiveInfinity);
        for (int row = 0; row < problem.Rows; row++) scores.CopyTo(all, row * (int)problem.ScoreStride);
        run.Write(TopKProblem.Scores, all);
        using var plan = new CpuTopKPlan(device, problem, samples);
        run.Launch(plan);
        return run.Read<int>(TopKProblem.Indices);
    }
}
