namespace KernelSuite.Counters.Cones;

/// <summary>Which signatures of a cone are extreme rays.</summary>
internal static class RedundantSignatures
{
    /// <summary>A distinct primitive signature is extreme where no other lies on all facets that it lies on.</summary>
    public static int[] ExtremeByFacets(ModelCone cone, CancellationToken cancellation)
    {
        SignatureSet signatures = cone.Signatures;
        int words = (cone.Inequalities.Count + 63) / 64;
        var tight = new ulong[signatures.Count][];
        for (int i = 0; i < tight.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            tight[i] = new ulong[words];
            for (int f = 0; f < cone.Inequalities.Count; f++)
            {
                if (cone.Inequalities[f].Evaluate(signatures[i]).IsZero) tight[i][f >> 6] |= 1UL << (f & 63);
            }
        }

        var extreme = new List<int>();
        for (int i = 0; i < tight.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!IsCovered(tight, i)) extreme.Add(i);
        }

        return [.. extreme];
    }

    /// <summary>Without facets: a signature is extreme where it is outside of the cone of the others.</summary>
    public static int[] ExtremeByMembership(SignatureSet signatures, CancellationToken cancellation)
    {
        var extreme = new List<int>();
        for (int i = 0; i < signatures.Count; i++)
        {
            if (!ConeMembership.Of(signatures, IntegerVector.From(signatures[i]), without: i, cancellation).IsMember) extreme.Add(i);
        }

        return [.. extreme];
    }

    private static bool IsCovered(ulong[][] tight, int signature)
    {
        ulong[] own = tight[signature];
        for (int other = 0; other < tight.Length; other++)
        {
            if (other == signature) continue;
            ulong missing = 0;
            for (int w = 0; w < own.Length && missing == 0; w++) missing = own[w] & ~tight[other][w];
            if (missing == 0) return true;
        }

        return false;
    }
}
