using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelSuite.Operations.Counters.Distance;

internal sealed unsafe partial class NonnegativeLeastSquares
{
    /// <summary>Takes a column into the passive set with weight zero, and its part of b out of the residual.</summary>
    /// <returns>False where it depends on the passive ones, or does not point towards the residual once they are taken out of it.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Append(int entering)
    {
        if (rank == rows) return false;
        int slot = free[freeCount - 1];
        if (!Extend(entering, slot, out double squared)) return false;
        double along = WideRows.Dot(state + rank * pitch, residual, rowStride);
        if (!(along > 0)) return false;
        freeCount--;
        (slots[slot], live[slot]) = (entering, double.Epsilon);
        barrier[entering] = double.NegativeInfinity;
        Commit(along, squared);
        return true;
    }

    /// <summary>
    /// Writes the next direction, not yet of unit length: with c = Qᵀa, which was computed when the directions were, it is a - Q c, and its column of
    /// the inverse e - M c.
    /// </summary>
    /// <returns>False where the column depends on the passive ones.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Extend(int entering, int slot, out double squared)
    {
        double* row = state + rank * pitch, column = mirror;
        int width = 2 * rowStride;

        // Written a number at a time: in a place of its own, since what was just written cannot be read as a vector without waiting.
        for (int i = 0; i < rows; i++) column[i] = byRow[(long)i * columnStride + entering];
        for (int i = rows; i < width; i++) column[i] = 0;
        column[rowStride + slot] = 1;
        WideRows.Combine(row, false, state + width + entering, pitch, state, rank, pitch, width);
        for (int i = 0; i < width; i += WideRows.Lane) (Vector512.Load(column + i) - Vector512.Load(row + i)).Store(row + i);
        double before = 1;
        squared = 1;
        for (int pass = 1; rank > 0; pass++)
        {
            squared = WideRows.Dot(row, row, rowStride);
            if (squared < Dependent * Dependent) return false;

            // Where at most a digit cancelled, one pass was accurate (Kahan and Parlett's "twice is enough").
            if (squared > .01 * before || pass == 3) break;
            before = squared;
            for (int k = 0; k < rank; k++) spare[k] = -WideRows.Dot(state + k * pitch, row, rowStride);
            WideRows.Combine(row, true, spare, 1, state, rank, pitch, width);
        }

        return true;
    }

    /// <summary>
    /// Counts the direction that was written last in: residual, gradient and least-squares weights move along it. The next column waits for the
    /// gradient, so what leads there takes one division; the root for the unit length does not hold it up.
    /// </summary>
    /// <param name="along">Its product with the residual.</param>
    /// <param name="squared">Its squared length.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Commit(double along, double squared)
    {
        double* direction = state + rank * pitch, inverse = direction + rowStride, products = inverse + rowStride;
        WideRows.Combine(products, false, direction, 1, byRow, rows, columnStride, columnStride);
        double unit = 1 / Math.Sqrt(squared);
        projected[rank++] = along * unit;
        Vector512<double> step = Vector512.Create(along / squared), scale = Vector512.Create(unit);
        for (int j = 0; j < columnStride; j += WideRows.Lane)
        {
            Vector512<double> product = Vector512.Load(products + j);
            (Vector512.Load(gradient + j) - step * product).Store(gradient + j);
            (scale * product).Store(products + j);
        }

        for (int i = 0; i < rowStride; i += WideRows.Lane)
        {
            Vector512<double> q = Vector512.Load(direction + i), m = Vector512.Load(inverse + i);
            (Vector512.Load(residual + i) - step * q).Store(residual + i);
            Vector512.MultiplyAddEstimate(step, m, Vector512.Load(trial + i)).Store(trial + i);
            m *= scale;
            (scale * q).Store(direction + i);
            m.Store(inverse + i);
            Vector512<double> square = Vector512.MultiplyAddEstimate(m, m, Vector512.Load(norms + i));
            square.Store(norms + i);
            Vector512.Max(square, Vector512.Load(peaks + i)).Store(peaks + i);
        }
    }

    /// <summary>
    /// Takes a column out of the passive set: a reflection of the directions turns its row of the inverse into a multiple of the last unit vector;
    /// the last direction then goes back into the residual. The caller recomputes the trial weights.
    /// </summary>
    /// <returns>Whether rounding errors of the remaining inverse are tolerable; if not, call <see cref="Rebuild"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Remove(int slot)
    {
        int last = rank - 1, first = last;
        double* row = state + rowStride + slot;
        double sum = 0, turned = 0;
        for (int k = last; k >= 0; k--)
        {
            double value = row[k * pitch];
            spare[k] = value;
            sum += value * value;
            if (value != 0) first = k;
        }

        double share = 1 / (sum + Math.Abs(spare[last]) * Math.Sqrt(sum));
        spare[last] += Math.CopySign(Math.Sqrt(sum), spare[last]);
        WideRows.Combine(mirror, false, spare + first, 1, state + first * pitch, rank - first, pitch, pitch);
        for (int k = first; k < rank; k++) turned += spare[k] * projected[k];
        for (int k = first; k < rank; k++)
        {
            double factor = -share * spare[k];
            WideRows.AddScaled(state + k * pitch, factor, mirror, pitch);
            projected[k] += factor * turned;
            row[k * pitch] = 0;
        }

        rank = last;
        double* direction = state + rank * pitch, inverse = direction + rowStride;
        double along = projected[rank];
        WideRows.AddScaled(residual, along, direction, rowStride);
        WideRows.AddScaled(gradient, along, inverse + rowStride, columnStride);
        Release(slot);
        bool tolerable = true;
        for (int i = 0; i < rowStride; i += WideRows.Lane)
        {
            Vector512<double> m = Vector512.Load(inverse + i), square = Vector512.Load(norms + i) - m * m;
            square.Store(norms + i);
            tolerable &= !Vector512.LessThanAny(square, Vector512.Load(peaks + i) * Cancelled);
        }

        return tolerable;
    }

    /// <summary>Frees a slot of the passive set.</summary>
    private void Release(int slot)
    {
        int column = slots[slot];
        free[freeCount++] = slot;
        weights[slot] = trial[slot] = live[slot] = norms[slot] = peaks[slot] = 0;
        barrier[column] = barred[column] ? double.NegativeInfinity : 0;
    }
}
