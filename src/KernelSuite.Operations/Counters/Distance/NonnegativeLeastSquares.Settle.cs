using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelSuite.Operations.Counters.Distance;

internal sealed unsafe partial class NonnegativeLeastSquares
{
    private bool anyBarred;

    /// <summary>
    /// Moves from the last feasible weights to the least-squares ones of the passive columns; columns that would turn negative leave on the way.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Settle(int bound)
    {
        for (int step = 0; step <= bound; step++)
        {
            if (Accept()) return true;
            double share = 1;
            int blocking = -1;
            for (int slot = 0; slot < rows; slot++)
            {
                if (live[slot] == 0 || trial[slot] > 0) continue;
                double limit = weights[slot] / (weights[slot] - trial[slot]);
                if (!(limit < share || blocking < 0)) continue;
                (share, blocking) = (double.IsNaN(limit) ? 0 : limit, slot);
            }

            if (blocking < 0) return false; // Something is not finite.
            for (int slot = 0; slot < rows; slot++) weights[slot] = Math.Max(weights[slot] + share * (trial[slot] - weights[slot]), 0);
            weights[blocking] = 0;
            bool tolerable = true;
            for (int slot = 0; slot < rows; slot++)
                if (live[slot] != 0 && weights[slot] == 0 && trial[slot] <= 0) tolerable &= Remove(slot);
            if (tolerable) SetTrial();
            else Rebuild();
        }

        return false;
    }

    /// <summary>Takes the trial weights where all are positive.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Accept()
    {
        for (int i = 0; i < rowStride; i += WideRows.Lane)
            if (!Vector512.GreaterThanOrEqualAll(Vector512.Load(trial + i), Vector512.Load(live + i))) return false;
        for (int i = 0; i < rowStride; i += WideRows.Lane) Vector512.Load(trial + i).Store(weights + i);
        return true;
    }

    /// <summary>trial = M Qᵀb, from the beginning: steps of a column that left may have been far larger than what remains.</summary>
    private void SetTrial() => WideRows.Combine(trial, false, projected, 1, state + rowStride, rank, pitch, rowStride);

    /// <summary>Keeps a column out until another one makes the residual shrink.</summary>
    private void Bar(int column)
    {
        anyBarred = barred[column] = true;
        barrier[column] = double.NegativeInfinity;
    }

    private void Unbar()
    {
        if (!anyBarred) return;
        anyBarred = false;
        Array.Clear(barred);
        new Span<double>(barrier, columnStride).Clear();
        for (int slot = 0; slot < rows; slot++)
            if (live[slot] != 0) barrier[slots[slot]] = double.NegativeInfinity;
    }
}
