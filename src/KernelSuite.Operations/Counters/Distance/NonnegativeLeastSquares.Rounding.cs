using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelSuite.Operations.Counters.Distance;

internal sealed unsafe partial class NonnegativeLeastSquares
{
    /// <summary>
    /// Share of a row of the inverse, squared, below which too much of it cancelled: what is left then has some 12 right digits. On 10,000 random
    /// cones with many almost parallel signatures 2 % of the rounds came to it; with and without it distances agreed to 4e-5 there.
    /// </summary>
    private const double Cancelled = 1e-8;

    /// <summary>Makes directions and inverse of the passive columns afresh; a column that depends on those before it leaves.</summary>
    private void Rebuild()
    {
        rank = 0;
        Start();
        for (int slot = 0; slot < rows; slot++)
        {
            norms[slot] = peaks[slot] = trial[slot] = 0;
            if (live[slot] == 0) continue;
            if (Extend(slots[slot], slot, out double squared)) Commit(WideRows.Dot(state + rank * pitch, residual, rowStride), squared);
            else Release(slot);
        }
    }

    /// <summary>Residual and gradient without any passive column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Start()
    {
        for (int i = 0; i < rowStride; i += WideRows.Lane) Vector512.Load(target + i).Store(residual + i);
        SetGradient();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SetGradient() =>
        WideRows.Combine(gradient, false, residual, 1, byRow, rows, columnStride, columnStride);

    /// <summary>
    /// Takes out of weights, residual and gradient what rounding put in: one step of iterative refinement, z = b - A f, then f + M Qᵀz and z - Q Qᵀz.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Polish()
    {
        for (int j = 0; j < pitch; j += WideRows.Lane) Vector512<double>.Zero.Store(mirror + j);
        double* all = mirror + 2 * rowStride; // The weights of all columns.
        for (int slot = 0; slot < rows; slot++)
        {
            if (live[slot] == 0) continue;
            all[slots[slot]] = weights[slot];
            mirror[rowStride + slot] = weights[slot];
        }

        for (int i = 0; i < rows; i++) mirror[i] = WideRows.Dot(byRow + (long)i * columnStride, all, columnStride) - target[i];
        for (int k = 0; k < rank; k++) spare[k] = -WideRows.Dot(state + k * pitch, mirror, rowStride);
        WideRows.Combine(mirror, true, spare, 1, state, rank, pitch, 2 * rowStride);
        for (int i = 0; i < rowStride; i += WideRows.Lane)
        {
            // A weight that rounding alone made positive stays as it was.
            Vector512<double> refined = Vector512.Load(mirror + rowStride + i), old = Vector512.Load(weights + i);
            refined = Vector512.ConditionalSelect(Vector512.GreaterThan(refined, Vector512<double>.Zero), refined, old);
            refined.Store(weights + i);
            refined.Store(trial + i);
            (-Vector512.Load(mirror + i)).Store(residual + i);
        }

        SetGradient();
    }
}
