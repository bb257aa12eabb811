using System.Numerics;

namespace KernelSuite.Operations;

/// <summary>
/// One way to do a naive computation: the order of its sums, and whether products are contracted into them. A single naive computation can be
/// exact by luck where one term outweighs the rest, and a tolerance taken from it would then be too small for any other order.
/// </summary>
/// <param name="Accumulators">Terms go round so many partial sums, as they do in a vector's lanes; 1 is one running sum.</param>
/// <param name="Descending">From the last term to the first.</param>
/// <param name="Fused">Multiply-adds round once, and the exponential goes through base 2.</param>
internal readonly record struct NaiveArithmetic(int Accumulators, bool Descending, bool Fused)
{
    /// <summary>The textbook order, with each operation rounded.</summary>
    public static NaiveArithmetic Plain { get; } = new(1, false, false);

    /// <summary>Four orders, fused and not. None of them knows what the result should be.</summary>
    public static IReadOnlyList<NaiveArithmetic> All { get; } =
    [
        Plain, new(1, false, true), new(1, true, false), new(1, true, true), new(8, false, false), new(8, false, true), new(16, false, false), new(16, false, true),
    ];

    /// <summary>
    /// Fills the outputs of a unit by every arithmetic and leaves for each output the values of that one whose largest error against the
    /// reference is the largest.
    /// </summary>
    /// <param name="outputs">One array an operand; those of present outputs are filled.</param>
    /// <param name="reference">Computes the unit in double precision.</param>
    /// <param name="naive">Computes the unit in the kernels' own precision.</param>
    public static void Farthest(double[]?[] outputs, Action<double[]?[]> reference, Action<NaiveArithmetic, double[]?[]> naive)
    {
        double[]?[] exact = [.. outputs.Select(o => o is null ? null : new double[o.Length])];
        double[]?[] tried = [.. outputs.Select(o => o is null ? null : new double[o.Length])];
        var farthest = new double[outputs.Length];
        Array.Fill(farthest, -1);
        reference(exact);
        foreach (NaiveArithmetic arithmetic in All)
        {
            naive(arithmetic, tried);
            for (int i = 0; i < outputs.Length; i++)
            {
                if (outputs[i] is not { } output) continue;
                double error = Tolerance.LargestError(exact[i]!, tried[i]!);
                if (error <= farthest[i]) continue;
                farthest[i] = error;
                tried[i]!.CopyTo(output, 0);
            }
        }
    }

    /// <summary>Sum of the values.</summary>
    public TReal Sum<TReal>(ReadOnlySpan<TReal> values)
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        Span<TReal> partial = stackalloc TReal[Accumulators];
        partial.Clear();
        for (int n = 0; n < values.Length; n++) partial[n % Accumulators] += values[Descending ? values.Length - 1 - n : n];
        return Total<TReal>(partial);
    }

    /// <summary>Sum of the products of two rows of equal length.</summary>
    public TReal Dot<TReal>(ReadOnlySpan<TReal> a, ReadOnlySpan<TReal> b)
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        Span<TReal> partial = stackalloc TReal[Accumulators];
        partial.Clear();
        for (int n = 0; n < a.Length; n++)
        {
            int at = Descending ? a.Length - 1 - n : n;
            ref TReal sum = ref partial[n % Accumulators];
            sum = MultiplyAdd(a[at], b[at], sum);
        }

        return Total<TReal>(partial);
    }

    /// <summary>a*b + c.</summary>
    public TReal MultiplyAdd<TReal>(TReal a, TReal b, TReal c)
        where TReal : unmanaged, IFloatingPointIeee754<TReal> => Fused ? TReal.FusedMultiplyAdd(a, b, c) : (a * b) + c;

    /// <summary>e^x.</summary>
    public TReal Exp<TReal>(TReal x)
        where TReal : unmanaged, IFloatingPointIeee754<TReal> => Fused ? TReal.Exp2(x * TReal.CreateChecked(1.4426950408889634)) : TReal.Exp(x);

    private static TReal Total<TReal>(ReadOnlySpan<TReal> partial)
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        TReal total = partial[0];
        foreach (TReal sum in partial[1..]) total += sum;
        return total;
    }
}
