using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Verdicts;

/// <summary>
/// What <see cref="Rows"/> has, in 512-bit vectors for the solver's innermost loops: rows are padded with zeros to <see cref="Lane"/> and start at
/// multiples of 64 bytes, so that no load crosses a cache line. Where there are no such vectors the runtime makes two of each.
/// </summary>
internal static unsafe class WideRows
{
    /// <summary>Doubles in a vector; the padding of a row.</summary>
    public const int Lane = Rows.Lane;

    /// <summary>Doubles to allocate beyond what is needed, so that <see cref="Align"/> has room.</summary>
    public const int Slack = Lane;

    /// <summary>The next multiple of 64 bytes.</summary>
    public static double* Align(double* start) => (double*)(((nuint)start + 63) & ~(nuint)63);

    /// <summary>Sum of products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Dot(double* x, double* y, int padded)
    {
        Vector512<double> sum = Vector512.Load(x) * Vector512.Load(y);
        for (int i = Lane; i < padded; i += Lane) sum = Vector512.MultiplyAddEstimate(Vector512.Load(x + i), Vector512.Load(y + i), sum);
        return Vector512.Sum(sum);
    }

    /// <summary>target += factor · x</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddScaled(double* target, double factor, double* x, int padded)
    {
        Vector512<double> f = Vector512.Create(factor);
        for (int i = 0; i < padded; i += Lane)
            Vector512.MultiplyAddEstimate(f, Vector512.Load(x + i), Vector512.Load(target + i)).Store(target + i);
    }

    /// <summary>
    /// target += Σ factors[k · step] · rows[k · pitch], over so many rows: 48 columns at a time stay in registers, in six independent sums, which hide
    /// most of an addition's latency.
    /// </summary>
    public static void Combine(double* target, double* factors, nint step, double* rows, int count, nint pitch, int width)
    {
        int j = 0;
        for (; j + 6 * Lane <= width; j += 6 * Lane)
        {
            double* row = rows + j, t = target + j, f = factors;
            Vector512<double> a = Vector512.Load(t), b = Vector512.Load(t + Lane), c = Vector512.Load(t + 2 * Lane);
            Vector512<double> d = Vector512.Load(t + 3 * Lane), e = Vector512.Load(t + 4 * Lane), g = Vector512.Load(t + 5 * Lane);
            for (int k = 0; k < count; k++, row += pitch, f += step)
            {
                Vector512<double> factor = Vector512.Create(*f);
                a = Vector512.MultiplyAddEstimate(factor, Vector512.Load(row), a);
                b = Vector512.MultiplyAddEstimate(factor, Vector512.Load(row + Lane), b);
                c = Vector512.MultiplyAddEstimate(factor, Vector512.Load(row + 2 * Lane), c);
                d = Vector512.MultiplyAddEstimate(factor, Vector512.Load(row + 3 * Lane), d);
                e = Vector512.MultiplyAddEstimate(factor, Vector512.Load(row + 4 * Lane), e);
                g = Vector512.MultiplyAddEstimate(factor, Vector512.Load(row + 5 * Lane), g);
            }

            a.Store(t);
            b.Store(t + Lane);
            c.Store(t + 2 * Lane);
            d.Store(t + 3 * Lane);
            e.Store(t + 4 * Lane);
            g.Store(t + 5 * Lane);
        }

        for (; j + 2 * Lane <= width; j += 2 * Lane)
        {
            double* row = rows + j, f = factors;
            Vector512<double> a = Vector512.Load(target + j), b = Vector512.Load(target + j + Lane);
            for (int k = 0; k < count; k++, row += pitch, f += step)
            {
                Vector512<double> factor = Vector512.Create(*f);
                a = Vector512.MultiplyAddEstimate(factor, Vector512.Load(row), a);
                b = Vector512.MultiplyAddEstimate(factor, Vector512.Load(row + Lane), b);
            }

            a.Store(target + j);
            b.Store(target + j + Lane);
        }

        if (j < width)
        {
            double* row = rows + j, f = factors;
            Vector512<double> a = Vector512.Load(target + j);
            for (int k = 0; k < count; k++, row += pitch, f += step)
                a = Vector512.MultiplyAddEstimate(Vector512.Create(*f), Vector512.Load(row), a);
            a.Store(target + j);
        }
    }
}
