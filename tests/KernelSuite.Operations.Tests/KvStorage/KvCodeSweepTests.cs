using KernelSuite.Operations.KvStorage;
using KernelSuite.Operations.Selection;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.KvStorage;

/// <summary>Vector code against scalar code over every 16-bit pattern and many of 32 bits, bit by bit; and launches that allocate nothing.</summary>
public sealed class KvCodeSweepTests
{
    /// <summary>Elements of a row: whole steps of the widest code and a rest, whole steps only, and more groups than a vector has lanes of 128 bits.</summary>
    private static readonly int[] Widths = [160, 128, 320];

    public static TheoryData<string, string> Formats => new() { { "float32", "e4m3" }, { "float32", "int4" }, { "float16", "e4m3" }, { "float16", "int4" }, { "bfloat16", "e4m3" }, { "bfloat16", "int4" } };

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_width_gives_the_codes_of_scalar_code(string dtype, string formatName)
    {
        KvFormat format = formatName == "int4" ? KvFormat.Int4 : KvFormat.E4M3;
        switch (dtype)
        {
            case "float32":
                Compare<uint, float>(DType.Float32, format, Floats());
                break;
            case "float16":
                Compare<ushort, Half>(DType.Float16, format, Patterns(0x7C00));
                break;
            default:
                Compare<ushort, BFloat16>(DType.BFloat16, format, Patterns(0x7F80));
                break;
        }
    }

    /// <summary>
    /// Every fraction of a largest element against every fraction of the others, on every exponent that has codes and one below: quotients of few bits
    /// lie on ties far more often than others do.
    /// </summary>
    [Fact]
    public void Every_pair_of_bfloat16_fractions_gives_the_e4m3_codes_of_scalar_code()
    {
        const int Fractions = 128, One = 127 * Fractions, Exponents = 17;
        var bits = new ushort[Fractions * Exponents * Fractions];
        for (int i = 0; i < bits.Length; i++)
        {
            (int row, int fraction) = Math.DivRem(i, Fractions);
            (int largest, int below) = Math.DivRem(row, Exponents);

            // A row's largest element is at its own fraction; others that would be larger have the next exponent.
            int exponent = fraction == largest ? 0 : below == 0 && fraction > largest ? 1 : below;
            bits[i] = (ushort)((One - (exponent * Fractions) + fraction) | ((fraction * 5 % 3) << 15));
        }

        Compare<ushort, BFloat16>(DType.BFloat16, KvFormat.E4M3, bits, Fractions);
    }

    [Fact]
    public void Launches_allocate_nothing()
    {
        using Device device = Device.Open("cpu");
        using DeviceStream stream = device.CreateStream();
        using DeviceEvent timing = device.CreateEvent();
        var cases = new (Operation Operation, OperationProblem Problem)[]
        {
            (TopKOperation.Instance, new TopKProblem(1, 70_001, 300)),
            (TopKOperation.Instance, new TopKProblem(5, 301, 30)),
            (KvCompactOperation.Instance, new KvCompactProblem(new(1, 2, 40, 20, 32, 32), DType.Float16)),
            (KvQuantizeOperation.Instance, new KvQuantizeProblem(new(1, 2, 40, 40, 40, 64), DType.Float16, KvFormat.Int4)),
            (KvQuantizeOperation.Instance, new KvQuantizeProblem(new(1, 2, 40, 40, 40, 64), DType.Float32, KvFormat.E4M3, sharedScale: true)),
            (KvDequantizeOperation.Instance, new KvDequantizeProblem(new(1, 2, 40, 64), DType.Float16, KvFormat.E4M3)),
        };
        foreach ((Operation operation, OperationProblem problem) in cases)
        {
            DeviceMemory?[] memory = [.. problem.Operands.Select(o => o is null ? null : device.Allocate(o.DType, o.StorageLength))];
            DeviceSlice[] slices = [.. memory.Select(m => new DeviceSlice(m, 0))];
            foreach (DeviceMemory? m in memory)
                if (m is not null) stream.Fill(m, 0, m.ByteLength, 0);
            using OperationPlan plan = operation.Plan(device, problem);
            for (int i = 0; i < 50; i++) plan.Launch(stream, slices, timing);
            Assert.True(Allocations.Least(100, () => plan.Launch(stream, slices, timing)) == 0, operation.Name);
            foreach (DeviceMemory? m in memory) m?.Dispose();
        }
    }

    private static void Compare<TBits, T>(DType dtype, KvFormat format, TBits[] bits)
        where TBits : unmanaged
        where T : unmanaged
    {
        foreach (int width in Widths) Compare<TBits, T>(dtype, format, bits, width);
    }

    private static void Compare<TBits, T>(DType dtype, KvFormat format, TBits[] bits, int width)
        where TBits : unmanaged
        where T : unmanaged
    {
        int rows = bits.Length / width;
        var problem = new KvQuantizeProblem(new(1, 1, rows, rows, rows, width), dtype, format);
        T[] x = System.Runtime.InteropServices.MemoryMarshal.Cast<TBits, T>(bits)[..(rows * width)].ToArray();
        (byte[] Codes, byte[] Groups, float[] Scales) wanted = Run(NamedCases.Cpu(CpuSimd.Scalar), "naive");
        Assert.True(wanted.Codes.Distinct().Count() > 200);
        foreach (CpuSimd simd in CpuSimds.Supported)
        {
            (byte[] codes, byte[] groups, float[] scales) = Run(NamedCases.Cpu(simd), null);
            Assert.Equal(wanted.Scales, scales);
            Assert.Equal(wanted.Groups, groups);
            Assert.Equal(wanted.Codes, codes);
        }

        (byte[], byte[], float[]) Run(Device device, string? implementation)
        {
            using var run = new OperandRun(device, problem);
            run.Write(KvQuantizeProblem.X, x);
            run.Launch(KvQuantizeOperation.Instance, implementation);
            return (run.Read<byte>(KvQuantizeProblem.Codes), format == KvFormat.Int4 ? run.Read<byte>(KvQuantizeProblem.Groups) : [], run.Read<float>(KvQuantizeProblem.Scales));
        }
    }

    /// <summary>Every pattern in order (rows of one magnitude, infinities and NaN among them), then the finite ones shuffled many times.</summary>
    private static ushort[] Patterns(int infinity)
    {
        var random = new SeededRandom(5);
        ushort[] all = [.. Enumerable.Range(0, 1 << 16).Select(i => (ushort)i)];
        ushort[] finite = [.. all.Where(p => (p & 0x7FFF) < infinity)];
        int low = infinity / 2;

        // Shuffled patterns of bfloat16 lie orders of magnitude apart, so that nearly all codes of int4 are zeros; these few lie together.
        ushort[] near = [.. finite.Where(p => (p & 0x7FFF) >= low - 0x180 && (p & 0x7FFF) < low + 0x80)];
        return [.. all, .. finite.OrderBy(_ => random.NextBits()), .. finite.Where(p => (p & 0x7FFF) > low).OrderBy(_ => random.NextBits()), .. finite.Where(p => (p & 0x7FFF) < low + 0x400).OrderBy(_ => random.NextBits()),
            .. Enumerable.Repeat(near, 50).SelectMany(n => n).OrderBy(_ => random.NextBits())];
    }

    /// <summary>A pattern in 4093 in order, a quarter million normal numbers on many scales, and multiples of ties: integers and halves under a largest of 448 or 8.</summary>
    private static uint[] Floats()
    {
        var random = new SeededRandom(6);
        var values = new List<uint>();
        for (long bits = 0; bits <= uint.MaxValue; bits += 4093) values.Add((uint)bits);
        for (int row = 0; row < 3000; row++)
        {
            double scale = Math.Pow(2, (random.NextUniform() * 240) - 120);
            for (int d = 0; d < Widths[0]; d++) values.Add(BitConverter.SingleToUInt32Bits((float)(random.NextNormal() * scale)));
        }

        for (int row = 0; row < 1000; row++)
        {
            float step = (float)(1 + random.NextUniform());
            for (int d = 0; d < Widths[0]; d++)
            {
                double tie = d == 0 ? 448 : Math.Floor(random.NextUniform() * 900) / (1 << (int)(random.NextUniform() * 8)) - 440;
                values.Add(BitConverter.SingleToUInt32Bits((float)Math.Clamp(tie, -448, 448) * step));
            }
        }

        return [.. values];
    }
}
