using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Tests.KvStorage;

/// <summary>
/// Every code (NaN's aside) and scales over the whole range, the ends of float16 among them: each vector width against scalar code, bit by
/// bit.
/// </summary>
public sealed class KvDecodeSweepTests
{
    [Theory]
    [InlineData("float32", "e4m3")]
    [InlineData("float32", "int4")]
    [InlineData("float16", "e4m3")]
    [InlineData("float16", "int4")]
    [InlineData("bfloat16", "e4m3")]
    [InlineData("bfloat16", "int4")]
    public void Every_width_gives_the_rows_of_scalar_code(string dtypeName, string formatName)
    {
        KvFormat format = formatName == "int4" ? KvFormat.Int4 : KvFormat.E4M3;
        DType dtype = dtypeName switch { "float16" => DType.Float16, "bfloat16" => DType.BFloat16, _ => DType.Float32 };
        const int Rows = 4000, Width = 288;
        var random = new SeededRandom(7);
        var problem = new KvDequantizeProblem(new(1, 1, Rows, Width), dtype, format);
        byte[] codes = [.. Enumerable.Range(0, Rows * format.CodeBytes(Width)).Select(i => Finite((byte)i))];
        byte[] groups = [.. Enumerable.Range(0, Rows * format.GroupCount(Width)).Select(_ => Finite((byte)random.NextBits()))];
        int[] powers = [.. Enumerable.Range(0, Rows).Select(r => r % 2 == 0 ? (r / 2 % 48) - 30 : (r / 2 % 200) - 110)];
        float[] scales = [.. powers.Select(p => (float)((1 + random.NextUniform()) * Math.Pow(2, p)))];
        byte[] wanted = Run(NamedCases.Cpu(CpuSimd.Scalar), "naive");
        Assert.True(wanted.Distinct().Count() > 200);
        foreach (CpuSimd simd in CpuSimds.Supported) Assert.Equal(wanted, Run(NamedCases.Cpu(simd), null));

        static byte Finite(byte code) => (code & 0x7F) == 0x7F ? (byte)(code - 1) : code;

        byte[] Run(Device device, string? implementation)
        {
            using var run = new OperandRun(device, problem);
            run.Write(KvDequantizeProblem.Codes, codes);
            if (format == KvFormat.Int4) run.Write(KvDequantizeProblem.Groups, groups);
            run.Write(KvDequantizeProblem.Scales, scales);
            run.Launch(KvDequantizeOperation.Instance, implementation);
            return dtype == DType.Float32
                ? System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(run.Read<float>(KvDequantizeProblem.X)).ToArray()
                : System.Runtime.InteropServices.MemoryMarshal.AsBytes<ushort>(run.Read<ushort>(KvDequantizeProblem.X)).ToArray();
        }
    }
}
