namespace KernelSuite.KvCache;

/// <summary>A stream does not hold a saved cache. Says what was found and what was expected.</summary>
public sealed class KvCacheFormatException(string message, Exception? inner = null) : FormatException(message, inner);
