using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using KernelSuite.Operations.Simd;

namespace KernelSuite.Operations.Scoring.Cpu;

/// <summary>Sums down the columns of a tile [rows][width]; keys lie in the lanes.</summary>
internal static unsafe class ColumnMath<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private const float Log2E = 1.44269504f;

    /// <summary>Added to P in the logarithm of the entropy.</summary>
    private const float EntropyEpsilon = 1e-10f;

    /// <summary>Below it a second moment has no kurtosis: the smallest normal float.</summary>
    private const float SmallestVariance = 1.17549435e-38f;

    /// <summary>exp(factor * s - lse), one rounding before the exponent's factor is applied to the difference.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Probability(TVector s, TVector factor, float negatedLse) =>
        VectorMath.Exp2<TSimd, TVector>(TSimd.Multiply(TSimd.Create(Log2E), TSimd.MultiplyAdd(s, factor, TSimd.Create(negatedLse))));

    /// <summary>Adds P = exp(factor * S - lse) and, where wanted, its square to the sums of each column.</summary>
    /// <param name="tile">S, rows <paramref name="width"/> apart.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Columns, a multiple of the vector length.</param>
    /// <param name="factor">From S to logits, positive.</param>
    /// <param name="negatedLse">-LSE of each row.</param>
    /// <param name="sums">Sum of each column.</param>
    /// <param name="squares">Sum of squares of each column, or null.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddColumns(float* tile, int rows, int width, float factor, float* negatedLse, float* sums, float* squares)
    {
        TVector scale = TSimd.Create(factor);
        for (int lane = 0; lane < width; lane += TSimd.Lanes)
        {
            float* s = tile + lane;
            TVector sum0 = TSimd.Zero, sum1 = TSimd.Zero, square = TSimd.Zero;
            int r = 0;
            for (; r + 2 <= rows; r += 2, s += 2 * width)
            {
                TVector p0 = Probability(TSimd.Load(s), scale, negatedLse[r]);
                TVector p1 = Probability(TSimd.Load(s + width), scale, negatedLse[r + 1]);
                sum0 = TSimd.Add(sum0, p0);
                sum1 = TSimd.Add(sum1, p1);
                if (squares != null) square = TSimd.MultiplyAdd(p1, p1, TSimd.MultiplyAdd(p0, p0, square));
            }

            if (r < rows)
            {
                TVector p0 = Probability(TSimd.Load(s), scale, negatedLse[r]);
                sum0 = TSimd.Add(sum0, p0);
                if (squares != null) square = TSimd.MultiplyAdd(p0, p0, square);
            }

            TSimd.Store(TSimd.Add(TSimd.Load(sums + lane), TSimd.Add(sum0, sum1)), sums + lane);
            if (squares != null) TSimd.Store(TSimd.Add(TSimd.Load(squares + lane), square), squares + lane);
        }
    }

    /// <summary>S becomes P; means of the columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Means(float* tile, int rows, int width, float factor, float* negatedLse, float* means)
    {
        TVector scale = TSimd.Create(factor), count = TSimd.Create(rows);
        for (int lane = 0; lane < width; lane += TSimd.Lanes)
        {
            float* s = tile + lane;
            TVector sum = TSimd.Zero;
            for (int r = 0; r < rows; r++, s += width)
            {
                TVector p = Probability(TSimd.Load(s), scale, negatedLse[r]);
                TSimd.Store(p, s);
                sum = TSimd.Add(sum, p);
            }

            TSimd.Store(TSimd.Divide(sum, count), means + lane);
        }
    }

    /// <summary>Second pass: unbiased variances (0 for one row) and fourth central moments of the columns of P.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CentralMoments(float* tile, int rows, int width, float* means, float* variances, float* fourths)
    {
        TVector count = TSimd.Create(rows), lessOne = TSimd.Create(Math.Max(1, rows - 1));
        for (int lane = 0; lane < width; lane += TSimd.Lanes)
        {
            float* p = tile + lane;
            TVector mean = TSimd.Load(means + lane), squares = TSimd.Zero, fourth = TSimd.Zero;
            for (int r = 0; r < rows; r++, p += width)
            {
                TVector d = TSimd.Subtract(TSimd.Load(p), mean);
                TVector square = TSimd.Multiply(d, d);
                squares = TSimd.Add(squares, square);
                fourth = TSimd.MultiplyAdd(square, square, fourth);
            }

            TSimd.Store(rows > 1 ? TSimd.Divide(squares, lessOne) : TSimd.Zero, variances + lane);
            TSimd.Store(TSimd.Divide(fourth, count), fourths + lane);
        }
    }

    /// <summary>
    /// Kurtosis of the columns of P: mean of (d^2 / m)^2 with m the second moment, not below the floor. Fourth powers of small probabilities would leave
    /// the range of a float.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Kurtoses(float* tile, int rows, int width, float* means, float* variances, float floor, float* kurtoses)
    {
        float toBiased = (rows - 1f) / rows;
        TVector count = TSimd.Create(rows);
        for (int lane = 0; lane < width; lane++)
        {
            float divisor = MathF.Max(variances[lane] * toBiased, floor);
            kurtoses[lane] = divisor < SmallestVariance ? 0 : 1 / divisor;
        }

        for (int lane = 0; lane < width; lane += TSimd.Lanes)
        {
            float* p = tile + lane;
            TVector mean = TSimd.Load(means + lane), inverse = TSimd.Load(kurtoses + lane), sum = TSimd.Zero;
            for (int r = 0; r < rows; r++, p += width)
            {
                TVector d = TSimd.Subtract(TSimd.Load(p), mean);
                TVector ratio = TSimd.Multiply(TSimd.Multiply(d, d), inverse);
                sum = TSimd.MultiplyAdd(ratio, ratio, sum);
            }

            TSimd.Store(TSimd.Divide(sum, count), kurtoses + lane);
        }
    }

    /// <summary>Sums of -P ln(P + 1e-10) down the columns. The logarithm is the library's, over the whole tile at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Entropies(float* tile, int rows, int width, float* logarithms, float* entropies)
    {
        var logs = new Span<float>(logarithms, rows * width);
        TensorPrimitives.Add(new ReadOnlySpan<float>(tile, rows * width), EntropyEpsilon, logs);
        TensorPrimitives.Log<float>(logs, logs);
        for (int lane = 0; lane < width; lane += TSimd.Lanes)
        {
            TVector sum = TSimd.Zero;
            for (int at = lane; at < rows * width; at += width) sum = TSimd.MultiplyAdd(TSimd.Load(tile + at), TSimd.Load(logarithms + at), sum);
            TSimd.Store(TSimd.Subtract(TSimd.Zero, sum), entropies + lane);
        }
    }
}
