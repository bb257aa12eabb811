using System.Runtime.Intrinsics.X86;
using KernelSuite.Operations.Decode;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Decode;

/// <summary>
/// How the cpu kernels widen each format, with every vector width: a sequence with one slot has its value row as the output, with weight exactly 1.
/// Widths are such that formats fill whole vectors, some, or none.
/// </summary>
public sealed class DecodeFormatTests
{
    public static TheoryData<CpuSimd, int> WidthsAndDims
    {
        get
        {
            var data = new TheoryData<CpuSimd, int>();
            foreach (CpuSimd simd in CpuSimds.Supported)
                foreach (int dim in new[] { 32, 64, 96, 128, 160, 256 }) data.Add(simd, dim);
            return data;
        }
    }

    /// <summary>Every bit pattern: subnormals are exact, an infinity or a NaN stays in its column.</summary>
    [Theory]
    [MemberData(nameof(WidthsAndDims))]
    public void Every_float16_is_its_value(CpuSimd simd, int dim)
    {
        int rows = (65536 + dim - 1) / dim;
        var values = new Half[rows * dim];
        for (int i = 0; i < values.Length; i++) values[i] = BitConverter.UInt16BitsToHalf((ushort)i);
        var operands = new Dictionary<int, Array>
        {
            [DecodeProblem.Q] = new Half[rows * dim],
            [DecodeProblem.K] = new Half[rows * dim],
            [DecodeProblem.V] = values,
        };
        Half[] output = Decode<Half>(simd, new DecodeProblem(new(rows, 1, 1, 1, dim), DecodeSegment.Contiguous(1), DType.Float16), operands);
        for (int i = 0; i < values.Length; i++) Assert.Equal(values[i], output[i]);
    }

    [Theory]
    [MemberData(nameof(WidthsAndDims))]
    public void Every_e4m3_code_is_its_value(CpuSimd simd, int dim)
    {
        bool columns = simd == CpuSimd.Vector512 && Avx512Vbmi.IsSupported;
        int rows = 256 / dim * 2 + 8;
        byte[] codes = [.. Enumerable.Range(0, rows * dim).Select(i => (byte)i)];
        if (!columns) codes = [.. codes.Select(c => (c & 0x7F) == 0x7F ? (byte)0 : c)];
        float[] output = DecodeCodes(simd, KvFormat.E4M3, rows, dim, codes, null);
        for (int i = 0; i < codes.Length; i++) Assert.Equal(Float8E4M3.Decode(codes[i]) * 2, output[i]);
    }

    /// <summary>A sequence a factor; a NaN factor stays in its group.</summary>
    [Theory]
    [MemberData(nameof(WidthsAndDims))]
    public void Every_int4_code_is_its_value_under_every_factor(CpuSimd simd, int dim)
    {
        const int Rows = 256;
        int groups = KvFormat.Int4.GroupCount(dim), bytes = KvFormat.Int4.CodeBytes(dim);
        byte[] codes = [.. Enumerable.Range(0, Rows * bytes).Select(i => (byte)((i * 7) + (i / 256)))];
        byte[] factors = [.. Enumerable.Range(0, Rows * groups).Select(i => (byte)((i / groups) + (i % groups * 31)))];
        float[] output = DecodeCodes(simd, KvFormat.Int4, Rows, dim, codes, factors);
        for (int row = 0; row < Rows; row++)
        {
            for (int d = 0; d < dim; d++)
            {
                int pair = codes[(row * bytes) + (d / 32 * 16) + (d % 16)], nibble = d % 32 < 16 ? pair & 15 : pair >> 4;
                Assert.Equal((nibble - 8) * Float8E4M3.Decode(factors[(row * groups) + (d / 32)]) * 2, output[(row * dim) + d]);
            }
        }
    }

    /// <summary>
    /// A key at -infinity has weight 0 and leaves the bits of the output alone, although its tile is widened the exact way, the other tiles and the
    /// other cache the fast way.
    /// </summary>
    [Theory]
    [MemberData(nameof(WidthsAndDims))]
    public void Float16_is_the_same_either_way(CpuSimd simd, int dim)
    {
        const int Slots = 135;
        var random = new Random(5);
        Half[] Random(int count) => [.. Enumerable.Range(0, count).Select(_ => (Half)((random.NextDouble() * 2) - 1))];
        Half[] q = Random(4 * dim), k = Random(Slots * dim), v = Random(Slots * dim);
        q[0] = q[dim] = q[2 * dim] = q[3 * dim] = (Half)1;
        Half[] Run(int slots) => Decode<Half>(simd, new DecodeProblem(new(1, 4, 1, 1, dim), DecodeSegment.Contiguous(slots), DType.Float16,
            new() { Splits = 1 }),
            new() { [DecodeProblem.Q] = q, [DecodeProblem.K] = k[..(slots * dim)], [DecodeProblem.V] = v[..(slots * dim)] });
        k[(Slots - 1) * dim] = Half.NegativeInfinity;
        Assert.Equal(Run(Slots - 1), Run(Slots));
    }

    private static float[] DecodeCodes(CpuSimd simd, KvFormat format, int rows, int dim, byte[] codes, byte[]? factors)
    {
        float[] scales = [.. Enumerable.Repeat(2f, rows)];
        var operands = new Dictionary<int, Array>
        {
            [DecodeProblem.Q] = new float[rows * dim],
            [DecodeProblem.KCodes] = new byte[codes.Length],
            [DecodeProblem.VCodes] = codes,
            [DecodeProblem.KScales] = scales,
            [DecodeProblem.VScales] = scales,
        };
        if (factors != null) (operands[DecodeProblem.KGroups], operands[DecodeProblem.VGroups]) = (new byte[factors.Length], factors);
        var problem = new DecodeProblem(new(rows, 1, 1, 1, dim), DecodeSegment.Contiguous(0), DType.Float32, quantised: new(format,
            DecodeSegment.Contiguous(1)));
        return Decode<float>(simd, problem, operands);
    }

    private static T[] Decode<T>(CpuSimd simd, DecodeProblem problem, Dictionary<int, Array> data)
        where T : unmanaged
    {
        Device device = NamedCases.Cpu(simd);
        using var stream = device.CreateStream();
        using DecodePlan plan = DecodePlan.Create(device, problem, DecodeOperation.Split);
        var operands = new DeviceSlice[DecodeProblem.OperandCount];
        List<IDisposable> buffers = [];
        DeviceSlice Upload<TElement>(TElement[] elements)
            where TElement : unmanaged
        {
            DeviceBuffer<TElement> buffer = device.Allocate<TElement>(elements.Length);
            buffers.Add(buffer);
            stream.Write<TElement>(elements, buffer);
            return buffer;
        }

        foreach ((int operand, Array elements) in data)
            operands[operand] = elements switch { Half[] halves => Upload(halves), float[] floats => Upload(floats), _ => Upload((byte[])elements) };
        using DeviceBuffer<T> output = device.Allocate<T>(problem.Shape.Batch * problem.Shape.QueryHeads * problem.Shape.ValueDim);
        operands[DecodeProblem.Out] = output;
        plan.Launch(stream, operands);
        var result = new T[output.Length];
        stream.Read<T>(output, result);
        buffers.ForEach(b => b.Dispose());
        return result;
    }
}
