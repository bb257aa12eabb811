namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>Which scales the vector code takes.</summary>
internal static class RowScale
{
    /// <summary>
    /// 2^-70: from here on exact remainders of the quotients that matter are normal numbers, in e4m3 and (less 9 for the group factor) in int4.
    /// </summary>
    public const float LeastPlain = 8.470329472543003e-22f;
}
