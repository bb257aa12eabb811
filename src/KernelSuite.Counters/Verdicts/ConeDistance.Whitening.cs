using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KernelSuite.Operations.Counters;

namespace KernelSuite.Counters.Verdicts;

public sealed unsafe partial class ConeDistance
{
    private const int Lane = WideRows.Lane;

    /// <summary>Cholesky factor, a row of U after the other, each taken out of the rows below it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Factorise(ReadOnlySpan<double> covariance)
    {
        fixed (double* from = covariance)
        {
            for (int i = 0; i < p; i++)
            {
                double* row = factor + i * stride, source = from + i * p;
                int j = i / Lane * Lane;
                for (int k = 0; k < j; k += Lane) Vector512<double>.Zero.Store(row + k);
                for (; j + Lane <= p; j += Lane) Vector512.Load(source + j).Store(row + j);
                for (; j < p; j++) row[j] = source[j];
                for (; j < stride; j++) row[j] = 0;
            }
        }

        for (int k = 0; k < p; k++)
        {
            double* row = factor + k * stride;
            double pivot = row[k];
            if (!(pivot > 0) || !double.IsFinite(pivot))
                throw new ArgumentException($"The covariance is not positive definite: pivot {k} is {pivot}. " +
                    "Raise its diagonal, as MeanRegion does.", nameof(covariance));
            inverses[k] = 1 / Math.Sqrt(pivot);
            Vector512<double> inverse = Vector512.Create(inverses[k]);
            int first = k / Lane * Lane;
            for (int j = first; j < stride; j += Lane) (inverse * Vector512.Load(row + j)).Store(row + j);
            for (int i = k + 1; i < p; i++)
            {
                int from = i / Lane * Lane;
                WideRows.AddScaled(factor + i * stride + from, -row[i], row + from, stride - from);
            }
        }

        // Whole vectors were read and changed; left of the diagonal U is zero. Not before: the next vector load would wait for such a store.
        for (int k = 0; k < p; k++)
            for (int j = k / Lane * Lane; j < k; j++) factor[k * stride + j] = 0;
    }

    /// <summary>Whitened signatures of unit length, U⁻ᵀ s / |U⁻ᵀ s|: 48 of them at a time where there are as many, else eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Whiten(ReadOnlySpan<double> scale)
    {
        int columns = solver.ColumnStride, j = 0;

        // Rows of the scaled signatures are divided by a diagonal entry of U once they are substituted; the unit joins where the row begins.
        for (int i = 0; i < p; i++) units[i] = 1 / scale[i];
        fixed (double* raw = signatures)
        {
            for (; j + 6 * Lane <= columns; j += 6 * Lane) WhitenSix(raw + j, columns, j);
            for (; j < columns; j += Lane) WhitenOne(raw + j, columns, j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WhitenSix(double* raw, int columns, int at)
    {
        double* top = solver.ByRow + at, row = top;
        Vector512<double> aa = Vector512<double>.Zero, bb = aa, cc = aa, dd = aa, ee = aa, gg = aa;
        for (int i = 0; i < p; i++, raw += columns, row += columns)
        {
            Vector512<double> unit = Vector512.Create(-units[i]);
            Vector512<double> a = Vector512.Load(raw) * unit, b = Vector512.Load(raw + Lane) * unit, c = Vector512.Load(raw + 2 * Lane) * unit;
            Vector512<double> d = Vector512.Load(raw + 3 * Lane) * unit, e = Vector512.Load(raw + 4 * Lane) * unit;
            Vector512<double> g = Vector512.Load(raw + 5 * Lane) * unit;
            double* column = factor + i;
            for (double* done = top; done < row; done += columns, column += stride)
            {
                Vector512<double> f = Vector512.Create(*column);
                a = Vector512.MultiplyAddEstimate(f, Vector512.Load(done), a);
                b = Vector512.MultiplyAddEstimate(f, Vector512.Load(done + Lane), b);
                c = Vector512.MultiplyAddEstimate(f, Vector512.Load(done + 2 * Lane), c);
                d = Vector512.MultiplyAddEstimate(f, Vector512.Load(done + 3 * Lane), d);
                e = Vector512.MultiplyAddEstimate(f, Vector512.Load(done + 4 * Lane), e);
                g = Vector512.MultiplyAddEstimate(f, Vector512.Load(done + 5 * Lane), g);
            }

            unit = Vector512.Create(-inverses[i]);
            (a, b, c, d, e, g) = (a * unit, b * unit, c * unit, d * unit, e * unit, g * unit);
            a.Store(row);
            b.Store(row + Lane);
            c.Store(row + 2 * Lane);
            d.Store(row + 3 * Lane);
            e.Store(row + 4 * Lane);
            g.Store(row + 5 * Lane);
            aa = Vector512.MultiplyAddEstimate(a, a, aa);
            bb = Vector512.MultiplyAddEstimate(b, b, bb);
            cc = Vector512.MultiplyAddEstimate(c, c, cc);
            dd = Vector512.MultiplyAddEstimate(d, d, dd);
            ee = Vector512.MultiplyAddEstimate(e, e, ee);
            gg = Vector512.MultiplyAddEstimate(g, g, gg);
        }

        Normalise(aa, at, columns);
        Normalise(bb, at + Lane, columns);
        Normalise(cc, at + 2 * Lane, columns);
        Normalise(dd, at + 3 * Lane, columns);
        Normalise(ee, at + 4 * Lane, columns);
        Normalise(gg, at + 5 * Lane, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WhitenOne(double* raw, int columns, int at)
    {
        double* top = solver.ByRow + at, row = top;
        Vector512<double> squares = Vector512<double>.Zero;
        for (int i = 0; i < p; i++, raw += columns, row += columns)
        {
            Vector512<double> value = Vector512.Load(raw) * Vector512.Create(-units[i]);
            double* column = factor + i;
            for (double* done = top; done < row; done += columns, column += stride)
                value = Vector512.MultiplyAddEstimate(Vector512.Create(*column), Vector512.Load(done), value);
            value *= Vector512.Create(-inverses[i]);
            value.Store(row);
            squares = Vector512.MultiplyAddEstimate(value, value, squares);
        }

        Normalise(squares, at, columns);
    }

    /// <summary>Unit length for eight columns; a column of zeros stays one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Normalise(Vector512<double> squares, int at, int columns)
    {
        Vector512<double> length = Vector512.Sqrt(squares), one = Vector512<double>.One;
        length = Vector512.ConditionalSelect(Vector512.GreaterThan(length, Vector512<double>.Zero), length, one);
        length.Store(lengths + at);
        length = one / length;
        double* row = solver.ByRow + at;
        for (int i = 0; i < p; i++, row += columns) (Vector512.Load(row) * length).Store(row);
    }
}
