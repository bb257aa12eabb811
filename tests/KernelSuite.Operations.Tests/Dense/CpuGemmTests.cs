using KernelSuite.Operations.Dense;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Dense;

public class CpuGemmTests
{
    private const float Guard = 12345;

    public static TheoryData<CpuSimd, int, int, int, bool> Sizes
    {
        get
        {
            var data = new TheoryData<CpuSimd, int, int, int, bool>();
            foreach (CpuSimd simd in CpuSimds.Supported)
            {
                foreach ((int outputs, int inputs, int rows) in ((int, int, int)[])[(1, 1, 1), (1, 300, 2), (63, 127, 5), (64, 128, 48), (65, 129, 49), (200, 257, 1), (31, 7, 101), (512, 256, 13), (700, 400, 1), (130, 40, 0)])
                {
                    data.Add(simd, outputs, inputs, rows, false);
                    data.Add(simd, outputs, inputs, rows, true);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_product_is_within_the_derived_tolerance(CpuSimd simd, int outputs, int inputs, int rows, bool accumulate)
    {
        using Device device = new CpuBackend(new CpuDeviceOptions { Simd = simd, Threads = 3 }).Open(new CpuBackend().Probe().Devices[0]);
        using var gemm = new CpuGemm((CpuDevice)device);
        float[] w = Random(1, outputs * inputs), x = Random(2, rows * inputs), before = Random(3, rows * outputs);
        using PackedMatrix packed = Pack(w, outputs, inputs, simd);

        float[] guarded = [Guard, .. before, Guard];
        Span<float> y = guarded.AsSpan(1, rows * outputs);
        if (!accumulate) y.Fill(float.NaN);
        gemm.Multiply(packed, rows, x, y, accumulate);
        Assert.Equal((Guard, Guard), (guarded[0], guarded[^1]));

        double[] reference = new double[rows * outputs], naive = new double[rows * outputs];
        for (int r = 0; r < rows; r++)
        {
            for (int o = 0; o < outputs; o++)
            {
                double exact = 0;
                float plain = 0;
                for (int i = 0; i < inputs; i++)
                {
                    exact += (double)x[(r * inputs) + i] * w[(o * inputs) + i];
                    plain += x[(r * inputs) + i] * w[(o * inputs) + i];
                }

                int at = (r * outputs) + o;
                reference[at] = exact + (accumulate ? before[at] : 0);
                naive[at] = plain + (accumulate ? before[at] : 0);
            }
        }

        var tolerance = new Tolerance(reference, naive, DType.Float32.UnitRoundoff());
        ToleranceVerdict verdict = tolerance.Judge([.. y.ToArray().Select(value => (double)value)]);
        Assert.True(verdict.Passed, verdict.Reason);

        // The check must be able to fail: the last input dropped, as a kernel that mistakes its depth would.
        if (rows == 0) return;
        double[] faulty = [.. y.ToArray().Select((value, at) => value - ((double)x[((at / outputs) * inputs) + inputs - 1] * w[((at % outputs) * inputs) + inputs - 1]))];
        Assert.False(tolerance.Judge(faulty).Passed);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void A_rows_bits_do_not_depend_on_its_company(CpuSimd simd)
    {
        using Device device = new CpuBackend(new CpuDeviceOptions { Simd = simd, Threads = 2 }).Open(new CpuBackend().Probe().Devices[0]);
        using var gemm = new CpuGemm((CpuDevice)device);
        const int Outputs = 130, Inputs = 300, Rows = 53;
        float[] x = Random(5, Rows * Inputs), together = new float[Rows * Outputs], alone = new float[Rows * Outputs];
        using PackedMatrix packed = Pack(Random(4, Outputs * Inputs), Outputs, Inputs, simd);
        gemm.Multiply(packed, Rows, x, together);
        for (int r = 0; r < Rows; r++) gemm.Multiply(packed, 1, x.AsSpan(r * Inputs, Inputs), alone.AsSpan(r * Outputs, Outputs));
        Assert.Equal(together, alone);
    }

    [Fact]
    public void Rows_of_a_packed_matrix_can_be_read_back()
    {
        const int Outputs = 77, Inputs = 9;
        float[] w = Random(6, Outputs * Inputs), row = new float[Inputs];
        foreach (CpuSimd simd in CpuSimds.Supported)
        {
            using PackedMatrix packed = Pack(w, Outputs, Inputs, simd);
            for (int r = 0; r < Outputs; r++)
            {
                packed.ReadRow(r, row);
                Assert.Equal(w[(r * Inputs)..((r + 1) * Inputs)], row);
            }

            Assert.Throws<ArgumentOutOfRangeException>(() => packed.ReadRow(Outputs, row));
            Assert.Throws<ArgumentException>(() => packed.ReadRow(0, new float[Inputs + 1]));
        }
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused_by_name()
    {
        using Device device = new CpuBackend(new CpuDeviceOptions { Simd = CpuSimd.Vector128, Threads = 1 }).Open(new CpuBackend().Probe().Devices[0]);
        using var gemm = new CpuGemm((CpuDevice)device);
        using PackedMatrix packed = Pack(new float[6], 2, 3, CpuSimd.Vector128), other = Pack(new float[6], 2, 3, CpuSimd.Scalar);
        float[] x = new float[6], y = new float[4], shared = new float[9];
        Assert.Equal("x", Assert.Throws<ArgumentException>(() => gemm.Multiply(packed, 1, x, y)).ParamName);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => gemm.Multiply(packed, 2, x, y.AsSpan(1))).ParamName);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => gemm.Multiply(packed, 2, shared.AsSpan(0, 6), shared.AsSpan(5, 4))).ParamName);
        Assert.Equal("weights", Assert.Throws<ArgumentException>(() => gemm.Multiply(other, 2, x, y)).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => gemm.Multiply(packed, -1, x, y));
        Assert.Throws<ArgumentOutOfRangeException>(() => PackedMatrix.Pack(0, 3, CpuSimd.Scalar, (_, _) => { }));
        gemm.Dispose();
        Assert.Throws<ObjectDisposedException>(() => gemm.Multiply(packed, 2, x, y));
    }

    [Fact]
    public void A_product_allocates_nothing()
    {
        using Device device = Device.Open("cpu");
        using var gemm = new CpuGemm((CpuDevice)device);
        using PackedMatrix packed = Pack(new float[100 * 100], 100, 100, ((CpuDevice)device).Simd);
        float[] x = new float[300], y = new float[300];
        gemm.Multiply(packed, 3, x, y);
        Assert.Equal(0, Allocations.Least(100, () => gemm.Multiply(packed, 3, x, y)));
    }

    public static TheoryData<CpuSimd> Widths => [.. CpuSimds.Supported];

    private static PackedMatrix Pack(float[] w, int outputs, int inputs, CpuSimd simd) =>
        PackedMatrix.Pack(outputs, inputs, simd, (first, target) => w.AsSpan(first * inputs, target.Length).CopyTo(target));

    private static float[] Random(ulong seed, int count)
    {
        var random = new SeededRandom(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) values[i] = (float)random.NextNormal();
        return values;
    }
}
