namespace KernelSuite.Counters.Cones;

/// <summary>
/// The span of vectors modulo the prime 2^31 - 1, grown vector by vector. Vectors that are independent there are independent over the rationals;
/// the converse
/// fails only where the prime divides a determinant, so a rank found here is a lower bound that costs no long arithmetic.
/// </summary>
internal sealed class ModularSpan(int columns)
{
    private const ulong Prime = int.MaxValue;

    private readonly List<ulong[]> rows = [];
    private readonly List<int> pivots = [];
    private readonly ulong[] work = new ulong[columns];

    public int Rank => rows.Count;

    public void Clear()
    {
        rows.Clear();
        pivots.Clear();
    }

    /// <summary>Adds a vector of entries that are not negative; false where it is in the span.</summary>
    public bool TryAdd(ReadOnlySpan<long> vector)
    {
        for (int i = 0; i < work.Length; i++) work[i] = (ulong)vector[i] % Prime;
        for (int r = 0; r < rows.Count; r++)
        {
            if (work[pivots[r]] is not 0 and ulong take) Subtract(rows[r], take);
        }

        int pivot = Array.FindIndex(work, static entry => entry != 0);
        if (pivot < 0) return false;
        ulong scale = Power(work[pivot], Prime - 2);
        rows.Add([.. work.Select(entry => entry * scale % Prime)]);
        pivots.Add(pivot);
        return true;
    }

    private void Subtract(ulong[] row, ulong take)
    {
        ulong add = Prime - take;
        for (int i = 0; i < row.Length; i++) work[i] = (work[i] + (add * row[i])) % Prime;
    }

    private static ulong Power(ulong value, ulong exponent)
    {
        ulong result = 1;
        for (; exponent != 0; exponent >>= 1, value = value * value % Prime)
        {
            if ((exponent & 1) != 0) result = result * value % Prime;
        }

        return result;
    }
}
