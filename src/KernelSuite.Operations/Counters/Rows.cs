using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelSuite.Operations.Counters;

/// <summary>
/// Loops over rows of doubles whose length is padded with zeros to <see cref="Lane"/>, so that no loop has a tail. Pointers, since these are the
/// innermost loops of moments and verdicts.
/// </summary>
internal static unsafe class Rows
{
    /// <summary>Padding of a row, in doubles: two 256-bit vectors, which keeps two independent sums going.</summary>
    public const int Lane = 8;

    private const int Half = Lane / 2;

    /// <summary>A length rounded up to <see cref="Lane"/>.</summary>
    public static int Padded(int length) => (length + Lane - 1) / Lane * Lane;

    /// <summary>target += factor · x</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddScaled(double* target, double factor, double* x, int padded)
    {
        Vector256<double> f = Vector256.Create(factor);
        for (int i = 0; i < padded; i += Lane)
        {
            Vector256.MultiplyAddEstimate(f, Vector256.Load(x + i), Vector256.Load(target + i)).Store(target + i);
            Vector256.MultiplyAddEstimate(f, Vector256.Load(x + i + Half), Vector256.Load(target + i + Half)).Store(target + i + Half);
        }
    }

    /// <summary>target += Σ factors[k] · rows[k], over so many rows; 24 columns at a time stay in registers, in six independent sums.</summary>
    public static void AddCombination(double* target, double* factors, double* rows, int count, int padded)
    {
        int j = 0;
        for (; j + 3 * Lane <= padded; j += 3 * Lane)
        {
            double* row = rows + j, t = target + j;
            Vector256<double> a = Vector256.Load(t), b = Vector256.Load(t + 4), c = Vector256.Load(t + 8);
            Vector256<double> d = Vector256.Load(t + 12), e = Vector256.Load(t + 16), g = Vector256.Load(t + 20);
            for (int k = 0; k < count; k++, row += padded)
            {
                Vector256<double> f = Vector256.Create(factors[k]);
                a = Vector256.MultiplyAddEstimate(f, Vector256.Load(row), a);
                b = Vector256.MultiplyAddEstimate(f, Vector256.Load(row + 4), b);
                c = Vector256.MultiplyAddEstimate(f, Vector256.Load(row + 8), c);
                d = Vector256.MultiplyAddEstimate(f, Vector256.Load(row + 12), d);
                e = Vector256.MultiplyAddEstimate(f, Vector256.Load(row + 16), e);
                g = Vector256.MultiplyAddEstimate(f, Vector256.Load(row + 20), g);
            }

            a.Store(t);
            b.Store(t + 4);
            c.Store(t + 8);
            d.Store(t + 12);
            e.Store(t + 16);
            g.Store(t + 20);
        }

        for (; j < padded; j += Lane)
        {
            Vector256<double> low = Vector256.Load(target + j), high = Vector256.Load(target + j + Half);
            double* row = rows + j;
            for (int k = 0; k < count; k++, row += padded)
            {
                Vector256<double> f = Vector256.Create(factors[k]);
                low = Vector256.MultiplyAddEstimate(f, Vector256.Load(row), low);
                high = Vector256.MultiplyAddEstimate(f, Vector256.Load(row + Half), high);
            }

            low.Store(target + j);
            high.Store(target + j + Half);
        }
    }

    /// <summary>
    /// Adds the products of four rows with themselves to the upper triangle of a square: what lies left of the diagonal in a row's first vector is
    /// written too and never read.
    /// </summary>
    public static void AddSquares(double* square, int stride, double* a, double* b, double* c, double* d, int length)
    {
        for (int i = 0; i < length; i++)
        {
            Vector256<double> fa = Vector256.Create(a[i]), fb = Vector256.Create(b[i]), fc = Vector256.Create(c[i]), fd = Vector256.Create(d[i]);
            double* target = square + (long)i * stride;
            for (int j = i / Half * Half; j < stride; j += Half)
            {
                Vector256<double> one = Vector256.MultiplyAddEstimate(fa, Vector256.Load(a + j), fb * Vector256.Load(b + j));
                Vector256<double> two = Vector256.MultiplyAddEstimate(fc, Vector256.Load(c + j), fd * Vector256.Load(d + j));
                (Vector256.Load(target + j) + (one + two)).Store(target + j);
            }
        }
    }
}
