using System.Numerics;
using KernelSuite.Counters.Cones;

namespace KernelSuite.Counters.Tests.Cones;

public class ConeRowTests
{
    private static readonly CounterSet Names = new(["a", "b", "c"]);

    [Theory]
    [InlineData("b + 2 c <= a", false, -2, 2, 4)]
    [InlineData("0 <= b", false, 0, -5, 0)]
    [InlineData("c <= 0", false, 0, 0, 3)]
    [InlineData("a == b + c", true, -1, 1, 1)]
    [InlineData("a == c", true, -4, 0, 4)]
    [InlineData("b == 0", true, 0, -1, 0)]
    public void A_row_prints_with_positive_coefficients_on_both_sides(string text, bool isEquality, int a, int b, int c)
    {
        ConeRow row = Row(isEquality, a, b, c);
        Assert.Equal(text, row.ToString());
        Assert.Equal(row, Row(isEquality, 3 * a, 3 * b, 3 * c));
        Assert.Equal(row.GetHashCode(), Row(isEquality, 3 * a, 3 * b, 3 * c).GetHashCode());
        Assert.Equal(isEquality, row.Equals(Row(isEquality, -a, -b, -c)));
    }

    [Fact]
    public void It_is_evaluated_exactly_on_whole_numbers_of_any_size()
    {
        ConeRow row = Row(false, -3, 1, 0);
        Assert.Equal((BigInteger)long.MaxValue * -2, row.Evaluate([long.MaxValue, long.MaxValue, 7L]));
        Assert.Equal(BigInteger.Pow(10, 40), row.Evaluate([BigInteger.Zero, BigInteger.Pow(10, 40), BigInteger.One]));
        Assert.Equal(-2.5, row.Evaluate([1.0, 0.5, double.NaN]));
        Assert.Equal([-3.0, 1.0, 0.0], row.ToDoubles());
        Assert.True(row.Holds([1, 3, 0]));
        Assert.False(row.Holds([1, 4, 0]));
        var wide = new ConeRow(Names, [BigInteger.Pow(2, 70), -1, 0], isEquality: false);
        Assert.Equal(BigInteger.Pow(2, 71) - 5, wide.Evaluate([2L, 5L, 0L]));
        Assert.Equal((BigInteger)(-3), row["a"]);
        Assert.Equal(BigInteger.Zero, row["z"]);
    }

    [Fact]
    public void A_row_that_says_nothing_or_has_another_length_is_refused()
    {
        Assert.Contains("is 0", Assert.Throws<ArgumentException>(() => Row(false, 0, 0, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("Expected 3", Assert.Throws<ArgumentException>(() => Row(false, 1, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("Expected 3", Assert.Throws<ArgumentException>(() => Row(false, 1, 0, 0).Evaluate([1.0])).Message, StringComparison.Ordinal);
    }

    private static ConeRow Row(bool isEquality, params int[] coefficients) => new(Names, [.. coefficients.Select(c => (BigInteger)c)], isEquality);
}
