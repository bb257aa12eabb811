namespace KernelSuite.KvCache;

/// <summary>What becomes of a row.</summary>
internal enum RowFate : byte
{
    /// <summary>It goes.</summary>
    Evict,

    /// <summary>It stays in the state that it has.</summary>
    Keep,

    /// <summary>An original that is quantised.</summary>
    Demote,
}
