using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelSuite.Operations.Counters;

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
    /// target = Σ factors[k · step] · rows[k · pitch] over so many rows, added to what is there if asked for: 48 columns at a time stay in registers,
    /// in twelve independent sums, since an addition takes four cycles and two can begin in each.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Combine(double* target, bool add, double* factors, nint step, double* rows, int count, nint pitch, int width)
    {
        int j = 0;
        for (; j + 6 * Lane <= width; j += 6 * Lane) CombineSix(target + j, add, factors, step, rows + j, count, pitch);
        for (; j + 3 * Lane <= width; j += 3 * Lane) CombineThree(target + j, add, factors, step, rows + j, count, pitch);
        for (; j < width; j += Lane)
        {
            double* row = rows + j, f = factors;
            Vector512<double> a = Vector512<double>.Zero;
            for (int k = 0; k < count; k++, row += pitch, f += step)
                a = Vector512.MultiplyAddEstimate(Vector512.Create(*f), Vector512.Load(row), a);
            Put(target + j, add, a);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CombineSix(double* target, bool add, double* factors, nint step, double* row, int count, nint pitch)
    {
        Vector512<double> a0 = Vector512<double>.Zero, b0 = a0, c0 = a0, d0 = a0, e0 = a0, g0 = a0;
        Vector512<double> a1 = a0, b1 = a0, c1 = a0, d1 = a0, e1 = a0, g1 = a0;
        for (; count >= 2; count -= 2, row += 2 * pitch, factors += 2 * step)
        {
            Vector512<double> f = Vector512.Create(*factors), next = Vector512.Create(factors[step]);
            double* second = row + pitch;
            a0 = Vector512.MultiplyAddEstimate(f, Vector512.Load(row), a0);
            b0 = Vector512.MultiplyAddEstimate(f, Vector512.Load(row + Lane), b0);
            c0 = Vector512.MultiplyAddEstimate(f, Vector512.Load(row + 2 * Lane), c0);
            d0 = Vector512.MultiplyAddEstimate(f, Vector512.Load(row + 3 * Lane), d0);
            e0 = Vector512.MultiplyAddEstimate(f, Vector512.Load(row + 4 * Lane), e0);
            g0 = Vector512.MultiplyAddEstimate(f, Vector512.Load(row + 5 * Lane), g0);
            a1 = Vector512.MultiplyAddEstimate(next, Vector512.Load(second), a1);
            b1 = Vector512.MultiplyAddEstimate(next, Vector512.Load(second + Lane), b1);
            c1 = Vector512.MultiplyAddEstimate(next, Vector512.Load(second + 2 * Lane), c1);
            d1 = Vector512.MultiplyAddEstimate(next, Vector512.Load(second + 3 * Lane), d1);
            e1 = Vector512.MultiplyAddEstimate(next, Vector512.Load(second + 4 * Lane), e1);
            g1 = Vector512.MultiplyAddEstimate(next, Vector512.Load(second + 5 * Lane), g1);
        }

        if (count > 0)
        {
            Vector512<double> f = Vector512.Create(*factors);
            a0 = Vector512.MultiplyAddEstimate(f, Vector512.Load(row), a0);
            b0 = Vector512.MultiplyAddEstimate(f, Vector512.Load(row + Lane), b0);
            c0 = Vector512.MultiplyAddEstimate(f, Vector512.Load(row + 2 * Lane), c0);
            d0 = Vector512.MultiplyAddEstimate(f, Vector512.Load(row + 3 * Lane), d0);
            e0 = Vector512.MultiplyAddEstimate(f, Vector512.Load(row + 4 * Lane), e0);
            g0 = Vector512.MultiplyAddEstimate(f, Vector512.Load(row + 5 * Lane), g0);
        }

        Put(target, add, a0 + a1);
        Put(target + Lane, add, b0 + b1);
        Put(target + 2 * Lane, add, c0 + c1);
        Put(target + 3 * Lane, add, d0 + d1);
        Put(target + 4 * Lane, add, e0 + e1);
        Put(target + 5 * Lane, add, g0 + g1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CombineThree(double* target, bool add, double* factors, nint step, double* row, int count, nint pitch)
    {
        Vector512<double> a0 = Vector512<double>.Zero, b0 = a0, c0 = a0, a1 = a0, b1 = a0, c1 = a0;
        for (; count >= 2; count -= 2, row += 2 * pitch, factors += 2 * step)
        {
            Vector512<double> f = Vector512.Create(*factors), next = Vector512.Create(factors[step]);
            double* second = row + pitch;
            a0 = Vector512.MultiplyAddEstimate(f, Vector512.Load(row), a0);
            b0 = Vector512.MultiplyAddEstimate(f, Vector512.Load(row + Lane), b0);
            c0 = Vector512.MultiplyAddEstimate(f, Vector512.Load(row + 2 * Lane), c0);
            a1 = Vector512.MultiplyAddEstimate(next, Vector512.Load(second), a1);
            b1 = Vector512.MultiplyAddEstimate(next, Vector512.Load(second + Lane), b1);
            c1 = Vector512.MultiplyAddEstimate(next, Vector512.Load(second + 2 * Lane), c1);
        }

        if (count > 0)
        {
            Vector512<double> f = Vector512.Create(*factors);
            a0 = Vector512.MultiplyAddEstimate(f, Vector512.Load(row), a0);
            b0 = Vector512.MultiplyAddEstimate(f, Vector512.Load(row + Lane), b0);
            c0 = Vector512.MultiplyAddEstimate(f, Vector512.Load(row + 2 * Lane), c0);
        }

        Put(target, add, a0 + a1);
        Put(target + Lane, add, b0 + b1);
        Put(target + 2 * Lane, add, c0 + c1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(double* target, bool add, Vector512<double> sum) => (add ? sum + Vector512.Load(target) : sum).Store(target);
}
