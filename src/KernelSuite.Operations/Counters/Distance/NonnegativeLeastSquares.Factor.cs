namespace KernelSuite.Operations.Counters.Distance;

internal sealed unsafe partial class NonnegativeLeastSquares
{
    /// <summary>Takes a column into the passive set with weight zero, and its part of b out of the residual.</summary>
    /// <returns>False where it depends on the passive ones, or does not point towards the residual once they are taken out of it.</returns>
    private bool Append(int entering)
    {
        if (rank == rows) return false;
        double* next = basis + (long)rank * rowStride, column = triangle + (long)rank * rowStride;
        new Span<double>(columns + (long)entering * rowStride, rowStride).CopyTo(new Span<double>(next, rowStride));
        new Span<double>(column, rowStride).Clear();

        double before = 1, length = 1;
        for (int pass = 0; pass < 3; pass++)
        {
            if (rank == 0) break;
            for (int k = 0; k < rank; k++) spare[k] = -Rows.Dot(basis + (long)k * rowStride, next, rowStride);
            Rows.AddCombination(next, spare, basis, rank, rowStride);
            for (int k = 0; k < rank; k++) column[k] -= spare[k];

            length = Math.Sqrt(Rows.Dot(next, next, rowStride));
            if (length < Dependent) return false;

            // Where at most a digit cancelled, one pass was accurate (Kahan and Parlett's "twice is enough").
            if (length > .1 * before) break;
            before = length;
        }

        Rows.Scale(next, 1 / length, rowStride);
        double along = Rows.Dot(next, residual, rowStride);
        if (!(along > 0)) return false;
        Rows.AddScaled(residual, -along, next, rowStride);
        column[rank] = length;
        inverses[rank] = 1 / length;
        projected[rank] = along;
        weights[rank] = 0;
        passive[rank++] = entering;
        return true;
    }

    /// <summary>
    /// Takes a column out of the passive set: R loses it, rotations make it triangular again, and the last direction goes back into the residual.
    /// </summary>
    private void Remove(int place)
    {
        for (int k = place; k < rank - 1; k++)
        {
            double* column = triangle + (long)k * rowStride;
            new Span<double>(column + rowStride, rowStride).CopyTo(new Span<double>(column, rowStride));
            passive[k] = passive[k + 1];
            weights[k] = weights[k + 1];
            trial[k] = trial[k + 1];
        }

        for (int i = place; i < rank - 1; i++)
        {
            double* diagonal = triangle + (long)i * rowStride + i;
            double length = Math.Sqrt(diagonal[0] * diagonal[0] + diagonal[1] * diagonal[1]), c = diagonal[0] / length, s = diagonal[1] / length;
            (diagonal[0], diagonal[1]) = (length, 0);
            inverses[i] = 1 / length;
            for (int k = i + 1; k < rank - 1; k++)
            {
                double* pair = triangle + (long)k * rowStride + i;
                (pair[0], pair[1]) = (c * pair[0] + s * pair[1], c * pair[1] - s * pair[0]);
            }

            Rows.Rotate(basis + (long)i * rowStride, basis + (long)(i + 1) * rowStride, c, s, rowStride);
            (projected[i], projected[i + 1]) = (c * projected[i] + s * projected[i + 1], c * projected[i + 1] - s * projected[i]);
        }

        rank--;
        Rows.AddScaled(residual, projected[rank], basis + (long)rank * rowStride, rowStride);
    }
}
