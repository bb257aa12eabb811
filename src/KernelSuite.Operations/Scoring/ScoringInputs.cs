using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelSuite.Operations.Attention;

namespace KernelSuite.Operations.Scoring;

/// <summary>Seeded inputs of the named distributions, with the LSE that a forward pass over them gives.</summary>
internal static class ScoringInputs
{
    public const string Normal = "normal(0,1)";
    public const string ExtremeLogits = "logits to +-100";
    public const string Ties = "equal keys";
    public const string Ragged = "normal(0,1), ragged lengths";

    /// <summary>Factor on q that makes three standard deviations of the scaled logits reach 100.</summary>
    private const double ExtremeFactor = 33;

    public static void FillTensor<T>(Span<T> data, int batch, int heads, int rows, int width, TensorStrides strides, ulong seed, string inputs, bool isKeys)
        where T : unmanaged
    {
        var random = new SeededRandom(seed);
        double factor = inputs == ExtremeLogits && !isKeys ? ExtremeFactor : 1;
        var row = new T[width];
        for (int b = 0; b < batch; b++)
        {
            for (int h = 0; h < heads; h++)
            {
                for (int n = 0; n < rows; n++)
                {
                    if (n == 0 || !isKeys || inputs != Ties)
                        for (int d = 0; d < width; d++) row[d] = Storage.FromDouble<T>(factor * random.NextNormal());
                    row.CopyTo(data[(int)((b * strides.Batch) + (h * strides.Head) + (n * strides.Row))..]);
                }
            }
        }
    }

    /// <summary>Lengths that hit the corners first: half, none, the window, one more, all; then random.</summary>
    public static void FillLengths(Span<int> lengths, int most, int window, ulong seed)
    {
        var random = new SeededRandom(seed ^ 0x4C);
        for (int b = 0; b < lengths.Length; b++)
        {
            lengths[b] = b switch
            {
                0 => (most + 1) / 2,
                1 => 0,
                2 => Math.Min(window, most),
                3 => Math.Min(window + 1, most),
                4 => most,
                _ => (int)(random.NextUniform() * (most + 1)),
            };
        }
    }

    /// <summary>What lies past a length must never reach an output; NaN shows it if it does.</summary>
    public static void PoisonPadding<T>(Span<T> data, ReadOnlySpan<int> lengths, int heads, int rows, int width, TensorStrides strides)
        where T : unmanaged
    {
        for (int b = 0; b < lengths.Length; b++)
        {
            for (int h = 0; h < heads; h++)
            {
                for (int n = lengths[b]; n < rows; n++)
                    data.Slice((int)((b * strides.Batch) + (h * strides.Head) + (n * strides.Row)), width).Fill(Storage.FromDouble<T>(double.NaN));
            }
        }
    }

    /// <summary>LSE of each row over the keys it sees: -infinity where there is none.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="q">Queries.</param>
    /// <param name="qStrides">Strides of q.</param>
    /// <param name="k">Keys.</param>
    /// <param name="kStrides">Strides of k.</param>
    /// <param name="scale">Factor on the logits.</param>
    /// <param name="softCap">Soft-cap; 0 for none.</param>
    /// <param name="visible">Row and batch entry to the number of keys seen.</param>
    /// <param name="lse">[B,Hq,Nq].</param>
    public static void FillLse<T>(
        ScoringShape shape, Span<T> q, TensorStrides qStrides, Span<T> k, TensorStrides kStrides, float scale, float softCap,
        Func<int, int, int> visible, Span<float> lse)
        where T : unmanaged
    {
        if (shape.Batch == 0 || shape.QueryLength == 0) return;
        float[] wideQ = Widen<T>(q), wideK = Widen<T>(k);
        var result = new float[lse.Length];
        Parallel.For(0, shape.Batch * shape.QueryHeads * shape.QueryLength, at =>
        {
            (int outer, int i) = Math.DivRem(at, shape.QueryLength);
            (int b, int h) = Math.DivRem(outer, shape.QueryHeads);
            ReadOnlySpan<float> row = wideQ.AsSpan((int)((b * qStrides.Batch) + (h * qStrides.Head) + (i * qStrides.Row)), shape.HeadDim);
            var logits = new double[visible(i, b)];
            double max = double.NegativeInfinity;
            for (int j = 0; j < logits.Length; j++)
            {
                long key = (b * kStrides.Batch) + (h / shape.HeadsPerKv * kStrides.Head) + (j * kStrides.Row);
                double logit = Dot(row, wideK.AsSpan((int)key, shape.HeadDim)) * scale;
                logits[j] = softCap > 0 ? softCap * Math.Tanh(logit / softCap) : logit;
                max = Math.Max(max, logits[j]);
            }

            double sum = 0;
            foreach (double logit in logits) sum += Math.Exp(logit - max);
            result[at] = logits.Length == 0 ? float.NegativeInfinity : (float)(max + Math.Log(sum));
        });
        result.CopyTo(lse);
    }

    private static float[] Widen<T>(Span<T> values)
        where T : unmanaged
    {
        var wide = new float[values.Length];
        for (int i = 0; i < wide.Length; i++) wide[i] = Storage.ToSingle(values[i]);
        return wide;
    }

    /// <summary>A dot product that gives the same bits on every machine: always four lanes, never fused.</summary>
    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Vector128<float> sum0 = default, sum1 = default;
        ref float x = ref MemoryMarshal.GetReference(a), y = ref MemoryMarshal.GetReference(b);
        int d = 0;
        for (; d + 8 <= a.Length; d += 8)
        {
            sum0 += Vector128.LoadUnsafe(ref x, (nuint)d) * Vector128.LoadUnsafe(ref y, (nuint)d);
            sum1 += Vector128.LoadUnsafe(ref x, (nuint)d + 4) * Vector128.LoadUnsafe(ref y, (nuint)d + 4);
        }

        float sum = Vector128.Sum(sum0 + sum1);
        for (; d < a.Length; d++) sum += Unsafe.Add(ref x, d) * Unsafe.Add(ref y, d);
        return sum;
    }
}
