using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Gemm;

/// <summary>A product of random matrices for <c>gemm_64</c>: rows padded with NaN to a multiple of 8 and 8 more, C with guards between
/// and behind its rows.</summary>
internal sealed class GemmCase
{
    public const int Tile = 64;
    public const int SharedBytes = 65536;
    public const float Guard = -12345.5f;

    private readonly bool bfloat16;
    private readonly ushort[] a;
    private readonly ushort[] b;

    public GemmCase(int m, int n, int k, bool bfloat16)
    {
        (M, N, K, this.bfloat16) = (m, n, k, bfloat16);
        Lda = Padded(k);
        Ldb = Padded(n);
        Ldc = n + 3;
        var random = new Random((m * 31) + (n * 7) + k);
        a = Matrix(random, m, k, Lda);
        b = Matrix(random, k, n, Ldb);
    }

    public int M { get; }

    public int N { get; }

    public int K { get; }

    private int Lda { get; }

    private int Ldb { get; }

    private int Ldc { get; }

    /// <summary>Runs the kernel.</summary>
    /// <returns>All of C's memory, guards included.</returns>
    public float[] Run(string id)
    {
        using var run = new KernelRun(TestDevices.Shared(id), "gemm/gemm_64.cu", "gemm_64", $"-DSTORAGE={(bfloat16 ? 17 : 16)}");
        run.Buffer(a);
        run.Buffer(b);
        int c = run.Buffer(Enumerable.Repeat(Guard, (M * Ldc) + 256).ToArray());
        foreach (int value in (int[])[M, N, K, Lda, Ldb, Ldc]) run.Value(value);
        run.Launch(new LaunchShape((N + Tile - 1) / Tile, (M + Tile - 1) / Tile, ItemsX: 128, LocalBytes: SharedBytes));
        return run.Read<float>(c);
    }

    /// <summary>
    /// Elements of C that miss the product in double by more than (K + 1) u sum(|a b|), u = 2^-23: products are exact, and each of at
    /// most K additions errs by at most one unit in the last place, to nearest or not.
    /// </summary>
    /// <param name="c">What <see cref="Run"/> returned.</param>
    /// <param name="droppedTile">A tile of K that the reference leaves out, or -1.</param>
    public int CountWrong(float[] c, int droppedTile = -1)
    {
        int wrong = 0;
        for (int row = 0; row < M; row++)
        {
            for (int column = 0; column < N; column++)
            {
                double sum = 0;
                double magnitude = 0;
                for (int k = 0; k < K; k++)
                {
                    double product = Value(a[(row * Lda) + k]) * Value(b[(k * Ldb) + column]);
                    if (k / Tile != droppedTile) sum += product;
                    magnitude += Math.Abs(product);
                }

                if (!(Math.Abs(c[(row * Ldc) + column] - sum) <= (K + 1) * Math.ScaleB(magnitude, -23))) wrong++;
            }
        }

        return wrong;
    }

    /// <summary>Words beside and behind C's rows that were written.</summary>
    public int CountTouchedGuards(float[] c)
    {
        int touched = 0;
        for (int i = 0; i < c.Length; i++)
        {
            bool inside = i / Ldc < M && i % Ldc < N;
            if (!inside && c[i] != Guard) touched++;
        }

        return touched;
    }

    private static int Padded(int length) => (((length + 7) / 8) * 8) + 8;

    private ushort[] Matrix(Random random, int rows, int columns, int stride)
    {
        var matrix = new ushort[rows * stride];
        for (int i = 0; i < matrix.Length; i++) matrix[i] = i % stride < columns ? Code((2 * random.NextSingle()) - 1) : Code(float.NaN);
        return matrix;
    }

    private ushort Code(float x) => bfloat16 ? ((BFloat16)x).Bits : BitConverter.HalfToUInt16Bits((Half)x);

    private double Value(ushort code) => bfloat16 ? (float)new BFloat16(code) : (double)BitConverter.UInt16BitsToHalf(code);
}
