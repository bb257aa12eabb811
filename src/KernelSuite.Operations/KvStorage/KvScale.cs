namespace KernelSuite.Operations.KvStorage;

/// <summary>The float32 scale of a row, from its largest finite magnitude. One place for all managed kernels; kernels/kvcache/kv_format.h is its twin.</summary>
internal static class KvScale
{
    /// <summary>
    /// Rows whose largest magnitude is below 2^-100 count as zeros: every quotient and product of the formats stays a normal number, so that devices that
    /// flush subnormals give the same bits.
    /// </summary>
    public const float LeastMagnitude = 7.888609052210118e-31f;

    public static float Of(KvFormat format, float largest)
    {
        if (largest < LeastMagnitude) return 1;
        return (format == KvFormat.Int4 ? largest * 0.125f : largest) / 448f;
    }
}
