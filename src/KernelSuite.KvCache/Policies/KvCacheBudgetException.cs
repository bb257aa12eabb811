namespace KernelSuite.KvCache;

/// <summary>A byte budget does not hold what it has to. Carries how much was needed.</summary>
public sealed class KvCacheBudgetException(string message, long neededBytes, long budgetBytes) : Exception(message)
{
    /// <summary>Least budget that would have done, in bytes.</summary>
    public long NeededBytes { get; } = neededBytes;

    /// <summary>The budget, in bytes.</summary>
    public long BudgetBytes { get; } = budgetBytes;
}
