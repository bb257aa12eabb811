using System.Runtime.Intrinsics;
using KernelSuite.Counters.Statistics;
using KernelSuite.Operations.Counters;

namespace KernelSuite.Counters.Verdicts;

public sealed unsafe partial class ConeDistance
{
    /// <summary>Cholesky factor, a row of U after the other, each taken out of the rows below it.</summary>
    private void Factorise(ReadOnlySpan<double> covariance)
    {
        for (int i = 0; i < p; i++)
        {
            var row = new Span<double>(factor + i * stride, stride);
            row.Clear();
            covariance.Slice(i * p + i, p - i).CopyTo(row[i..]);
        }

        for (int k = 0; k < p; k++)
        {
            double* row = factor + k * stride;
            double pivot = row[k];
            if (!(pivot > 0) || !double.IsFinite(pivot))
                throw new ArgumentException($"The covariance is not positive definite: pivot {k} is {pivot}. " +
                    "Raise its diagonal, as MeanRegion does.", nameof(covariance));
            int first = k / Rows.Lane * Rows.Lane;
            Rows.Scale(row + first, 1 / Math.Sqrt(pivot), stride - first);
            for (int i = k + 1; i < p; i++)
            {
                int from = i / Rows.Lane * Rows.Lane;
                Rows.AddScaled(factor + i * stride + from, -row[i], row + from, stride - from);
            }

            // Whole vectors were touched; what lies left of the next diagonal is zero again before the row is used.
            if (k + 1 < p) new Span<double>(factor + (k + 1) * stride, k + 1).Clear();
        }
    }

    /// <summary>Whitened signatures of unit length, U⁻ᵀ s / |U⁻ᵀ s|: eight of them at a time, their rows after one another.</summary>
    private void Whiten(ReadOnlySpan<double> scale)
    {
        int columns = solver.ColumnStride;
        double* byRow = solver.ByRow;
        fixed (double* raw = signatures, unit = scale)
        {
            for (int j = 0; j < columns; j += Rows.Lane)
            {
                Vector256<double> lowSquares = Vector256<double>.Zero, highSquares = lowSquares;
                for (int i = 0; i < p; i++)
                {
                    Vector256<double> inverse = Vector256.Create(1 / unit[i]);
                    double* entries = raw + i * columns + j;
                    Vector256<double> low = Vector256.Load(entries) * inverse, high = Vector256.Load(entries + 4) * inverse;
                    double* done = byRow + j, column = factor + i;
                    for (int k = 0; k < i; k++, done += columns, column += stride)
                    {
                        Vector256<double> f = Vector256.Create(-*column);
                        low = Vector256.MultiplyAddEstimate(f, Vector256.Load(done), low);
                        high = Vector256.MultiplyAddEstimate(f, Vector256.Load(done + 4), high);
                    }

                    inverse = Vector256.Create(1 / *column);
                    (low, high) = (low * inverse, high * inverse);
                    low.Store(done);
                    high.Store(done + 4);
                    (lowSquares, highSquares) = (lowSquares + low * low, highSquares + high * high);
                }

                Vector256.Sqrt(lowSquares).Store(lengths + j);
                Vector256.Sqrt(highSquares).Store(lengths + j + 4);
            }

            for (int j = 0; j < columns; j++) lengths[j] = lengths[j] > 0 ? lengths[j] : 1;
            for (int i = 0; i < p; i++)
                for (int j = 0; j < columns; j += 4)
                {
                    double* entries = byRow + i * columns + j;
                    (Vector256.Load(entries) / Vector256.Load(lengths + j)).Store(entries);
                }
        }
    }
}
