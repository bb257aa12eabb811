using System.Runtime.CompilerServices;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Measurement;

/// <summary>
/// Nothing but fused multiply-adds on registers, in independent chains. A chain waits for its own last result (four cycles on current
/// cores, two units), so fewer than eight chains under-read; more chains than registers spill and under-read too. Which number is
/// best depends on width and core, so several are tried and the best counts.
/// </summary>
/// <typeparam name="TFma">The width.</typeparam>
/// <typeparam name="TVector">Its vector type.</typeparam>
/// <param name="chains">10, 12, 16 or 24.</param>
/// <param name="steps">Multiply-adds of each chain in one task.</param>
internal sealed class FmaChains<TFma, TVector>(int chains, int steps) : ICpuKernel
    where TFma : struct, IFmaVector<TVector>
    where TVector : struct
{
    // Small steps keep the sums finite and normal; a denormal or an infinity could change the speed.
    private const float Factor = 0.5f;
    private const float Step = 1e-3f;

    private float sink;

    /// <summary>Operations of one task, two a multiply-add and lane.</summary>
    public double FlopsPerTask => 2.0 * TFma.Lanes * chains * steps;

    /// <summary>Keeps the results alive.</summary>
    public float Sink => Volatile.Read(ref sink);

    public void Execute(long task, int worker) => Volatile.Write(ref sink, chains switch
    {
        10 => Chains10(steps),
        12 => Chains12(steps),
        16 => Chains16(steps),
        24 => Chains24(steps),
        _ => throw new InvalidOperationException($"There is no variant of {chains} chains."),
    });

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chains10(int steps)
    {
        TVector a = TFma.Create(Factor), b = TFma.Create(Step);
        TVector c0 = TFma.Create(0f), c1 = TFma.Create(1f), c2 = TFma.Create(2f), c3 = TFma.Create(3f);
        TVector c4 = TFma.Create(4f), c5 = TFma.Create(5f), c6 = TFma.Create(6f), c7 = TFma.Create(7f);
        TVector c8 = TFma.Create(8f), c9 = TFma.Create(9f);
        for (int i = 0; i < steps; i++)
        {
            c0 = TFma.MultiplyAdd(a, b, c0);
            c1 = TFma.MultiplyAdd(a, b, c1);
            c2 = TFma.MultiplyAdd(a, b, c2);
            c3 = TFma.MultiplyAdd(a, b, c3);
            c4 = TFma.MultiplyAdd(a, b, c4);
            c5 = TFma.MultiplyAdd(a, b, c5);
            c6 = TFma.MultiplyAdd(a, b, c6);
            c7 = TFma.MultiplyAdd(a, b, c7);
            c8 = TFma.MultiplyAdd(a, b, c8);
            c9 = TFma.MultiplyAdd(a, b, c9);
        }

        c0 = TFma.Add(c0, c1);
        c2 = TFma.Add(c2, c3);
        c4 = TFma.Add(c4, c5);
        c6 = TFma.Add(c6, c7);
        c8 = TFma.Add(c8, c9);
        return TFma.First(c0) + TFma.First(c2) + TFma.First(c4) + TFma.First(c6) + TFma.First(c8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chains12(int steps)
    {
        TVector a = TFma.Create(Factor), b = TFma.Create(Step);
        TVector c0 = TFma.Create(0f), c1 = TFma.Create(1f), c2 = TFma.Create(2f), c3 = TFma.Create(3f);
        TVector c4 = TFma.Create(4f), c5 = TFma.Create(5f), c6 = TFma.Create(6f), c7 = TFma.Create(7f);
        TVector c8 = TFma.Create(8f), c9 = TFma.Create(9f), c10 = TFma.Create(10f), c11 = TFma.Create(11f);
        for (int i = 0; i < steps; i++)
        {
            c0 = TFma.MultiplyAdd(a, b, c0);
            c1 = TFma.MultiplyAdd(a, b, c1);
            c2 = TFma.MultiplyAdd(a, b, c2);
            c3 = TFma.MultiplyAdd(a, b, c3);
            c4 = TFma.MultiplyAdd(a, b, c4);
            c5 = TFma.MultiplyAdd(a, b, c5);
            c6 = TFma.MultiplyAdd(a, b, c6);
            c7 = TFma.MultiplyAdd(a, b, c7);
            c8 = TFma.MultiplyAdd(a, b, c8);
            c9 = TFma.MultiplyAdd(a, b, c9);
            c10 = TFma.MultiplyAdd(a, b, c10);
            c11 = TFma.MultiplyAdd(a, b, c11);
        }

        c0 = TFma.Add(c0, c1);
        c2 = TFma.Add(c2, c3);
        c4 = TFma.Add(c4, c5);
        c6 = TFma.Add(c6, c7);
        c8 = TFma.Add(c8, c9);
        c10 = TFma.Add(c10, c11);
        return TFma.First(c0) + TFma.First(c2) + TFma.First(c4) + TFma.First(c6) + TFma.First(c8) + TFma.First(c10);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chains16(int steps)
    {
        TVector a = TFma.Create(Factor), b = TFma.Create(Step);
        TVector c0 = TFma.Create(0f), c1 = TFma.Create(1f), c2 = TFma.Create(2f), c3 = TFma.Create(3f);
        TVector c4 = TFma.Create(4f), c5 = TFma.Create(5f), c6 = TFma.Create(6f), c7 = TFma.Create(7f);
        TVector c8 = TFma.Create(8f), c9 = TFma.Create(9f), c10 = TFma.Create(10f), c11 = TFma.Create(11f);
        TVector c12 = TFma.Create(12f), c13 = TFma.Create(13f), c14 = TFma.Create(14f), c15 = TFma.Create(15f);
        for (int i = 0; i < steps; i++)
        {
            c0 = TFma.MultiplyAdd(a, b, c0);
            c1 = TFma.MultiplyAdd(a, b, c1);
            c2 = TFma.MultiplyAdd(a, b, c2);
            c3 = TFma.MultiplyAdd(a, b, c3);
            c4 = TFma.MultiplyAdd(a, b, c4);
            c5 = TFma.MultiplyAdd(a, b, c5);
            c6 = TFma.MultiplyAdd(a, b, c6);
            c7 = TFma.MultiplyAdd(a, b, c7);
            c8 = TFma.MultiplyAdd(a, b, c8);
            c9 = TFma.MultiplyAdd(a, b, c9);
            c10 = TFma.MultiplyAdd(a, b, c10);
            c11 = TFma.MultiplyAdd(a, b, c11);
            c12 = TFma.MultiplyAdd(a, b, c12);
            c13 = TFma.MultiplyAdd(a, b, c13);
            c14 = TFma.MultiplyAdd(a, b, c14);
            c15 = TFma.MultiplyAdd(a, b, c15);
        }

        c0 = TFma.Add(c0, c1);
        c2 = TFma.Add(c2, c3);
        c4 = TFma.Add(c4, c5);
        c6 = TFma.Add(c6, c7);
        c8 = TFma.Add(c8, c9);
        c10 = TFma.Add(c10, c11);
        c12 = TFma.Add(c12, c13);
        c14 = TFma.Add(c14, c15);
        return TFma.First(c0) + TFma.First(c2) + TFma.First(c4) + TFma.First(c6) + TFma.First(c8) + TFma.First(c10) + TFma.First(c12) + TFma.First(c14);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chains24(int steps)
    {
        TVector a = TFma.Create(Factor), b = TFma.Create(Step);
        TVector c0 = TFma.Create(0f), c1 = TFma.Create(1f), c2 = TFma.Create(2f), c3 = TFma.Create(3f);
        TVector c4 = TFma.Create(4f), c5 = TFma.Create(5f), c6 = TFma.Create(6f), c7 = TFma.Create(7f);
        TVector c8 = TFma.Create(8f), c9 = TFma.Create(9f), c10 = TFma.Create(10f), c11 = TFma.Create(11f);
        TVector c12 = TFma.Create(12f), c13 = TFma.Create(13f), c14 = TFma.Create(14f), c15 = TFma.Create(15f);
        TVector c16 = TFma.Create(16f), c17 = TFma.Create(17f), c18 = TFma.Create(18f), c19 = TFma.Create(19f);
        TVector c20 = TFma.Create(20f), c21 = TFma.Create(21f), c22 = TFma.Create(22f), c23 = TFma.Create(23f);
        for (int i = 0; i < steps; i++)
        {
            c0 = TFma.MultiplyAdd(a, b, c0);
            c1 = TFma.MultiplyAdd(a, b, c1);
            c2 = TFma.MultiplyAdd(a, b, c2);
            c3 = TFma.MultiplyAdd(a, b, c3);
            c4 = TFma.MultiplyAdd(a, b, c4);
            c5 = TFma.MultiplyAdd(a, b, c5);
            c6 = TFma.MultiplyAdd(a, b, c6);
            c7 = TFma.MultiplyAdd(a, b, c7);
            c8 = TFma.MultiplyAdd(a, b, c8);
            c9 = TFma.MultiplyAdd(a, b, c9);
            c10 = TFma.MultiplyAdd(a, b, c10);
            c11 = TFma.MultiplyAdd(a, b, c11);
            c12 = TFma.MultiplyAdd(a, b, c12);
            c13 = TFma.MultiplyAdd(a, b, c13);
            c14 = TFma.MultiplyAdd(a, b, c14);
            c15 = TFma.MultiplyAdd(a, b, c15);
            c16 = TFma.MultiplyAdd(a, b, c16);
            c17 = TFma.MultiplyAdd(a, b, c17);
            c18 = TFma.MultiplyAdd(a, b, c18);
            c19 = TFma.MultiplyAdd(a, b, c19);
            c20 = TFma.MultiplyAdd(a, b, c20);
            c21 = TFma.MultiplyAdd(a, b, c21);
            c22 = TFma.MultiplyAdd(a, b, c22);
            c23 = TFma.MultiplyAdd(a, b, c23);
        }

        c0 = TFma.Add(c0, c1);
        c2 = TFma.Add(c2, c3);
        c4 = TFma.Add(c4, c5);
        c6 = TFma.Add(c6, c7);
        c8 = TFma.Add(c8, c9);
        c10 = TFma.Add(c10, c11);
        c12 = TFma.Add(c12, c13);
        c14 = TFma.Add(c14, c15);
        c16 = TFma.Add(c16, c17);
        c18 = TFma.Add(c18, c19);
        c20 = TFma.Add(c20, c21);
        c22 = TFma.Add(c22, c23);
        return TFma.First(c0) + TFma.First(c2) + TFma.First(c4) + TFma.First(c6) + TFma.First(c8) + TFma.First(c10) + TFma.First(c12) + TFma.First(c14) + TFma.First(c16) + TFma.First(c18) + TFma.First(c20) + TFma.First(c22);
    }
}
