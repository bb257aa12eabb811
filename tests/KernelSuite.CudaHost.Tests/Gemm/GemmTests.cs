using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Gemm;

/// <summary>The tensor-core test kernel end to end: cp.async, swizzled shared memory above 48 KiB, ldmatrix, mma, ragged edges.</summary>
public sealed class GemmTests
{
    private static readonly (int M, int N, int K)[] Shapes =
    [
        (1, 1, 1), (1, 8, 8), (64, 64, 64), (63, 65, 64), (65, 63, 65), (64, 64, 63), (7, 13, 17), (127, 61, 131), (16, 24, 521), (64, 128, 192),
    ];

    public static TheoryData<string, int, int, int, bool> Cases
    {
        get
        {
            var data = new TheoryData<string, int, int, int, bool>();
            foreach (string id in TestDevices.CudaLanguageIds)
            {
                foreach ((int m, int n, int k) in Shapes)
                {
                    data.Add(id, m, n, k, false);
                    data.Add(id, m, n, k, true);
                }
            }

            return data;
        }
    }

    public static TheoryData<string> Devices => TestDevices.CudaLanguage;

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void The_product_is_right_and_nothing_else_is_written(string id, int m, int n, int k, bool bfloat16)
    {
        var gemm = new GemmCase(m, n, k, bfloat16);
        float[] c = gemm.Run(id);
        Assert.Equal(0, gemm.CountWrong(c));
        Assert.Equal(0, gemm.CountTouchedGuards(c));
        // The check itself: a reference that lacks any tile of K must disagree nearly everywhere.
        for (int tile = 0; tile * GemmCase.Tile < k; tile++) Assert.True(gemm.CountWrong(c, tile) >= Math.Max(1, m * n * 9 / 10));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void An_empty_sum_is_zero(string id)
    {
        var gemm = new GemmCase(65, 3, 0, false);
        float[] c = gemm.Run(id);
        Assert.Equal(0, gemm.CountWrong(c));
        Assert.Equal(0, gemm.CountTouchedGuards(c));
    }

    [Fact]
    public void The_guards_notice_a_stray_write()
    {
        var gemm = new GemmCase(2, 5, 1, false);
        float[] c = [.. Enumerable.Repeat(GemmCase.Guard, (2 * 8) + 256)];
        Assert.Equal(0, gemm.CountTouchedGuards(c));
        c[5] = 0;
        c[2 * 8] = 0;
        Assert.Equal(2, gemm.CountTouchedGuards(c));
    }
}
