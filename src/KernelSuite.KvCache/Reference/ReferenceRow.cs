namespace KernelSuite.KvCache;

/// <summary>A row of the reference cache: keys and values as attention reads them, on the host.</summary>
/// <param name="Position">The token's position.</param>
/// <param name="Key">D values.</param>
/// <param name="Value">D values.</param>
/// <param name="IsQuantised">Whether the values came out of e4m3.</param>
internal sealed record ReferenceRow(int Position, float[] Key, float[] Value, bool IsQuantised = false);
