using KernelSuite.Measurement;

namespace KernelSuite.Tests;

public sealed class TextTests
{
    [Theory]
    [InlineData(0.0713, "71.3 ms")]
    [InlineData(2.5, "2.50 s")]
    [InlineData(123.4, "123 s")]
    [InlineData(9.9961e-3, "10.0 ms")]
    [InlineData(4.2e-6, "4.20 µs")]
    [InlineData(3e-8, "30.0 ns")]
    [InlineData(double.NaN, "-")]
    [InlineData(null, "-")]
    public void Seconds(double? value, string expected) => Assert.Equal(expected, Quantity.Seconds(value));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1 << 20, "1.00 MiB")]
    [InlineData(25276502016, "23.5 GiB")]
    public void Bytes(double value, string expected) => Assert.Equal(expected, Quantity.Bytes(value));

    [Fact]
    public void Shares_and_errors()
    {
        Assert.Equal("70.5", Quantity.Percent(0.705));
        Assert.Equal("-", Quantity.Percent(double.PositiveInfinity));
        Assert.Equal("1.2e-7", Quantity.Error(1.2e-7));
        Assert.Equal("-", Quantity.Error(double.NaN));
    }

    [Fact]
    public void Markdown_is_padded_aligned_and_escaped()
    {
        var table = new TextTable(new TextColumn("case"), new TextColumn("ms", AlignRight: true));
        table.Add("a|b", "1");
        table.Add("long name", "12.5");
        Assert.Equal("| case      |   ms |\n| --------- | ---: |\n| a\\|b      |    1 |\n| long name | 12.5 |\n", table.ToMarkdown());
        Assert.Throws<ArgumentException>(() => table.Add("one cell"));
    }
}
