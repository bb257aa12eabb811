using System.Runtime.Intrinsics;
using KernelSuite.Operations.Attention.Cpu;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Tests.Attention;

/// <summary>The error bounds that <see cref="VectorMath"/> states, on every vector width of this machine.</summary>
public sealed unsafe class VectorMathTests
{
    public static TheoryData<CpuSimd> Widths => [.. CpuSimds.Supported];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Exp2_stays_within_one_ulp(CpuSimd simd)
    {
        double worst = 0;
        foreach (float[] block in Blocks(-126f, 0f, 1 << 21))
        {
            float[] results = Exp2(simd, block);
            for (int i = 0; i < block.Length; i++) worst = Math.Max(worst, Ulps(results[i], Math.Pow(2, block[i])));
        }

        Assert.True(worst <= 1.0, $"worst error {worst:F3} ulp");
        Assert.True(worst > 0.4, "An error below half an ulp cannot be: the comparison is broken.");
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Exp2_is_exact_at_integers_and_safe_at_the_ends(CpuSimd simd)
    {
        float[] integers = [.. Enumerable.Range(-126, 127).Select(i => (float)i)];
        Assert.Equal(integers.Select(i => (float)Math.Pow(2, i)), Exp2(simd, integers));
        Assert.Equal([0f, 0f, 0f, 0f], Exp2(simd, [float.NegativeInfinity, -1e30f, -1000f, -127f]));
        Assert.All(Exp2(simd, [float.NaN, -float.NaN]), r => Assert.True(float.IsNaN(r)));
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Tanh_stays_within_four_ulp(CpuSimd simd)
    {
        double worst = 0;
        foreach (float[] block in Blocks(-12f, 12f, 1 << 20).Concat(Blocks(-1e-3f, 1e-3f, 1 << 16)))
        {
            float[] results = Tanh(simd, block);
            for (int i = 0; i < block.Length; i++) worst = Math.Max(worst, Ulps(results[i], Math.Tanh(block[i])));
        }

        Assert.True(worst <= 4.0, $"worst error {worst:F3} ulp");
        Assert.Equal([0f, 1f, -1f, 1f, -1f], Tanh(simd, [0f, 50f, -50f, float.PositiveInfinity, float.NegativeInfinity]));
        Assert.True(float.IsNaN(Tanh(simd, [float.NaN])[0]));
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Half_widens_exactly_for_every_bit_pattern(CpuSimd simd)
    {
        var bits = new ushort[65536 + 16];
        for (int i = 0; i < 65536; i++) bits[i] = (ushort)i;
        var wide = new float[bits.Length];
        fixed (ushort* source = bits)
        fixed (float* target = wide)
        {
            for (int i = 0; i < 65536; i += (int)simd) WidenHalf(simd, source + i, target + i);
        }

        for (int i = 0; i < 65536; i++)
        {
            float expected = (float)BitConverter.UInt16BitsToHalf((ushort)i);
            if (float.IsNaN(expected)) Assert.True(float.IsNaN(wide[i]), $"0x{i:X4}");
            else Assert.True(BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(wide[i]), $"0x{i:X4}: {wide[i]} is not {expected}");
        }
    }

    private static double Ulps(float result, double exact)
    {
        double ulp = Math.Max(BitConverter.Int32BitsToSingle(1), MathF.BitIncrement(MathF.Abs((float)exact)) - MathF.Abs((float)exact));
        return Math.Abs(result - exact) / ulp;
    }

    private static IEnumerable<float[]> Blocks(float from, float to, int count)
    {
        const int Size = 4096;
        for (int i = 0; i < count; i += Size)
            yield return [.. Enumerable.Range(i, Size).Select(n => (float)(from + ((to - (double)from) * n / count)))];
    }

    private static float[] Exp2(CpuSimd simd, float[] values) => simd switch
    {
        CpuSimd.Vector512 => Map<Simd512, Vector512<float>>(values, VectorMath.Exp2<Simd512, Vector512<float>>),
        CpuSimd.Vector256 => Map<Simd256, Vector256<float>>(values, VectorMath.Exp2<Simd256, Vector256<float>>),
        CpuSimd.Vector128 => Map<Simd128, Vector128<float>>(values, VectorMath.Exp2<Simd128, Vector128<float>>),
        _ => Map<SimdScalar, float>(values, VectorMath.Exp2<SimdScalar, float>),
    };

    private static float[] Tanh(CpuSimd simd, float[] values) => simd switch
    {
        CpuSimd.Vector512 => Map<Simd512, Vector512<float>>(values, VectorMath.Tanh<Simd512, Vector512<float>>),
        CpuSimd.Vector256 => Map<Simd256, Vector256<float>>(values, VectorMath.Tanh<Simd256, Vector256<float>>),
        CpuSimd.Vector128 => Map<Simd128, Vector128<float>>(values, VectorMath.Tanh<Simd128, Vector128<float>>),
        _ => Map<SimdScalar, float>(values, VectorMath.Tanh<SimdScalar, float>),
    };

    private static float[] Map<TSimd, TVector>(float[] values, Func<TVector, TVector> function)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        int lanes = TSimd.Lanes;
        int padded = (values.Length + lanes - 1) / lanes * lanes;
        var input = new float[padded];
        var output = new float[padded];
        values.CopyTo(input, 0);
        fixed (float* source = input)
        fixed (float* target = output)
        {
            for (int i = 0; i < padded; i += lanes) TSimd.Store(function(TSimd.Load(source + i)), target + i);
        }

        return output[..values.Length];
    }

    private static void WidenHalf(CpuSimd simd, ushort* source, float* target)
    {
        switch (simd)
        {
            case CpuSimd.Vector512: Simd512.Store(Simd512.LoadHalf(source), target); break;
            case CpuSimd.Vector256: Simd256.Store(Simd256.LoadHalf(source), target); break;
            case CpuSimd.Vector128: Simd128.Store(Simd128.LoadHalf(source), target); break;
            default: SimdScalar.Store(SimdScalar.LoadHalf(source), target); break;
        }
    }
}
