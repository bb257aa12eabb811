using KernelSuite.Operations.Decode;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Decode;

/// <summary>What has to agree bit by bit: mixed without quantised slots, batch-invariant mode, pages in any order.</summary>
public sealed class DecodeBitsTests
{
    private static readonly DecodeShape Shape = new(1, 4, 2, 1, 64);

    public static TheoryData<string> Devices => TestDevices.All;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Mixed_without_quantised_slots_is_attention_decode(string id)
    {
        Device device = Supported(id);
        const int N = 1601;
        float[] q = Random(1, 4 * 64), k = Random(2, 2 * N * 64), v = Random(3, 2 * N * 64);
        (float[] expected, float[] expectedLse) = Run(device, new(Shape, DecodeSegment.Contiguous(N), DType.Float32), q, k, v);
        foreach (KvFormat format in Enum.GetValues<KvFormat>())
        {
            foreach (int capacity in new[] { 0, 700 })
            {
                var problem = new DecodeProblem(Shape, DecodeSegment.Contiguous(N), DType.Float32, quantised: new(format, DecodeSegment.Contiguous(capacity, true)));
                float[] output = new float[4 * 64], lse = new float[4], scales = new float[2 * capacity];
                scales.AsSpan().Fill(float.NaN);
                DecodeAttention.Forward(device, problem, new DecodeSpans<float>
                {
                    Q = q,
                    K = k,
                    V = v,
                    KCodes = Garbage(problem, DecodeProblem.KCodes),
                    KGroups = Garbage(problem, DecodeProblem.KGroups),
                    KScales = scales,
                    VCodes = Garbage(problem, DecodeProblem.VCodes),
                    VGroups = Garbage(problem, DecodeProblem.VGroups),
                    VScales = scales,
                    QuantisedLengths = [0],
                    Out = output,
                    Lse = lse,
                });
                Assert.Equal(expected, output);
                Assert.Equal(expectedLse, lse);
            }
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Batch_invariant_bits_depend_on_the_sequence_alone(string id)
    {
        Device device = Supported(id);
        const int N = 1601, Capacity = 2500, B = 5;
        DecodeOptions options = new() { BatchInvariant = true };
        float[] q = Random(1, 4 * 64), k = Random(2, 2 * N * 64), v = Random(3, 2 * N * 64);
        (float[] expected, float[] expectedLse) = Run(device, new(Shape, DecodeSegment.Contiguous(N), DType.Float32, options), q, k, v);

        // The same sequence as number 3 of 5, among others of other lengths, in a cache with more room.
        float[] manyQ = Random(5, B * 4 * 64), manyK = Random(6, B * 2 * Capacity * 64), manyV = Random(7, B * 2 * Capacity * 64);
        q.CopyTo(manyQ, 3 * 4 * 64);
        for (int h = 0; h < 2; h++)
        {
            k.AsSpan(h * N * 64, N * 64).CopyTo(manyK.AsSpan(((3 * 2) + h) * Capacity * 64));
            v.AsSpan(h * N * 64, N * 64).CopyTo(manyV.AsSpan(((3 * 2) + h) * Capacity * 64));
        }

        var problem = new DecodeProblem(Shape with { Batch = B }, DecodeSegment.Contiguous(Capacity, true), DType.Float32, options);
        float[] output = new float[B * 4 * 64], lse = new float[B * 4];
        DecodeAttention.Forward(device, problem, new DecodeSpans<float> { Q = manyQ, K = manyK, V = manyV, KvLengths = [7, Capacity, 0, N, 1000], Out = output, Lse = lse });
        Assert.Equal(expected, output.AsSpan(3 * 4 * 64, 4 * 64).ToArray());
        Assert.Equal(expectedLse, lse.AsSpan(3 * 4, 4).ToArray());
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void The_order_of_pages_changes_no_bit(string id)
    {
        Device device = Supported(id);
        const int N = 301, PageSize = 16, Pages = 25;
        float[] q = Random(1, 4 * 64), k = Random(2, 2 * N * 64), v = Random(3, 2 * N * 64);
        (float[] expected, float[] expectedLse) = Run(device, new(Shape, DecodeSegment.Contiguous(N), DType.Float32), q, k, v);
        var problem = new DecodeProblem(Shape, DecodeSegment.Paged(new(Pages, PageSize, 30)), DType.Float32);
        int[] table = new int[30];
        table.AsSpan().Fill(int.MaxValue);
        float[] pagedK = new float[Pages * 2 * PageSize * 64], pagedV = new float[pagedK.Length];
        pagedK.AsSpan().Fill(float.NaN);
        pagedV.AsSpan().Fill(float.NaN);
        for (int slot = 0; slot < N; slot++)
        {
            int page = Pages - 1 - (slot / PageSize);
            table[slot / PageSize] = page;
            for (int h = 0; h < 2; h++)
            {
                int target = ((((page * 2) + h) * PageSize) + (slot % PageSize)) * 64;
                k.AsSpan(((h * N) + slot) * 64, 64).CopyTo(pagedK.AsSpan(target));
                v.AsSpan(((h * N) + slot) * 64, 64).CopyTo(pagedV.AsSpan(target));
            }
        }

        float[] output = new float[4 * 64], lse = new float[4];
        DecodeAttention.Forward(device, problem, new DecodeSpans<float> { Q = q, K = pagedK, V = pagedV, PageTable = table, KvLengths = [N], Out = output, Lse = lse });
        Assert.Equal(expected, output);
        Assert.Equal(expectedLse, lse);
    }

    internal static Device Supported(string id)
    {
        Device device = TestDevices.Shared(id);
        Support support = DecodeOperation.Instance.Supports(device.Info, new DecodeProblem(Shape, DecodeSegment.Contiguous(64), DType.Float32));
        Skip.If(!support.IsSupported, support.Reason);
        return device;
    }

    internal static float[] Random(ulong seed, int count)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }

    internal static (float[] Out, float[] Lse) Run(Device device, DecodeProblem problem, float[] q, float[] k, float[] v)
    {
        float[] output = new float[problem.Operands[DecodeProblem.Out]!.StorageLength], lse = new float[problem.UnitCount];
        DecodeAttention.Forward(device, problem, new DecodeSpans<float> { Q = q, K = k, V = v, Out = output, Lse = lse });
        return (output, lse);
    }

    private static byte[] Garbage(DecodeProblem problem, int operand)
    {
        byte[] bytes = new byte[problem.Operands[operand]?.StorageLength ?? 0];
        bytes.AsSpan().Fill(0xFF);
        return bytes;
    }
}
