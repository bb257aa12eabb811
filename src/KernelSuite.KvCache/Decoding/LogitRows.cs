namespace KernelSuite.KvCache.Decoding;

/// <summary>Which tokens of a forward pass get logits.</summary>
public enum LogitRows
{
    /// <summary>The last: [vocabulary].</summary>
    Last,

    /// <summary>All: [n, vocabulary]. Row i predicts the token behind token i.</summary>
    All,

    /// <summary>None: the tokens are only taken into the cache.</summary>
    None,
}
