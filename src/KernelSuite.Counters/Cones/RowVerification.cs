namespace KernelSuite.Counters.Cones;

/// <summary>Checks rows against the signatures they come from, by other means than they were found by.</summary>
internal static class RowVerification
{
    /// <summary>
    /// Every signature satisfies every row; every facet is tight on rank - 1 independent signatures, so it is a facet and no weaker row.
    /// </summary>
    /// <exception cref="ConeVerificationException">A row is not what it should be.</exception>
    public static void Check(
        SignatureSet signatures, int rank, IEnumerable<ConeRow> equalities, IEnumerable<ConeRow> facets, CancellationToken cancellation)
    {
        foreach (ConeRow row in equalities)
        {
            for (int i = 0; i < signatures.Count; i++)
            {
                if (!row.Holds(signatures[i])) throw Broken(row, i);
            }
        }

        var modular = new ModularSpan(signatures.Counters.Count);
        var tight = new List<int>();
        foreach (ConeRow row in facets)
        {
            cancellation.ThrowIfCancellationRequested();
            tight.Clear();
            for (int i = 0; i < signatures.Count; i++)
            {
                int sign = row.Evaluate(signatures[i]).Sign;
                if (sign > 0) throw Broken(row, i);
                if (sign == 0) tight.Add(i);
            }

            int found = TightRank(signatures, tight, modular, rank - 1);
            if (found < rank - 1)
                throw new ConeVerificationException(
                    $"The row {row} is tight on {found} independent signatures. A facet of this cone is on {rank - 1}.");
        }
    }

    private static int TightRank(SignatureSet signatures, List<int> tight, ModularSpan modular, int enough)
    {
        modular.Clear();
        foreach (int i in tight)
        {
            if (modular.TryAdd(signatures[i]) && modular.Rank >= enough) return modular.Rank;
        }

        if (modular.Rank >= enough) return modular.Rank;
        var exact = new Elimination();
        foreach (int i in tight) exact.TryAdd(IntegerVector.From(signatures[i]), signatures.Counters.Count);
        return exact.Rank;
    }

    private static ConeVerificationException Broken(ConeRow row, int signature) =>
        new($"Signature {signature} breaks the row {row} that was derived from it.");
}
