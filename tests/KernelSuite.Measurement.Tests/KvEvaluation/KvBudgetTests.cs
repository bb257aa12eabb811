namespace KernelSuite.Measurement.Tests;

/// <summary>Budgets as users state them.</summary>
public sealed class KvBudgetTests
{
    [Theory]
    [InlineData("100%", 1000, 1000)]
    [InlineData("25%", 1000, 250)]
    [InlineData("12.5%", 1000, 125)]
    [InlineData("200%", 1000, 2000)]
    [InlineData("64KiB", 1000, 65536)]
    [InlineData("64kib", 1000, 65536)]
    [InlineData("1.5MiB", 1, 3 << 19)]
    [InlineData("2GiB", 1, 2L << 30)]
    [InlineData("4096B", 1, 4096)]
    [InlineData("4096", 1, 4096)]
    public void Shares_and_bytes_are_read(string text, long full, long expected)
    {
        var budget = KvBudget.Parse(text);
        Assert.Equal(expected, budget.Of(full));
        Assert.Equal(text, budget.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("%")]
    [InlineData("0%")]
    [InlineData("-5%")]
    [InlineData("1001%")]
    [InlineData("KiB")]
    [InlineData("0")]
    [InlineData("0.5B")]
    [InlineData("NaN%")]
    [InlineData("1e9")]
    [InlineData("99999999999GiB")]
    [InlineData("quarter")]
    public void Anything_else_is_named(string text) =>
        Assert.Contains($"'{text}'", Assert.Throws<ArgumentException>(() => KvBudget.Parse(text)).Message, StringComparison.Ordinal);
}
