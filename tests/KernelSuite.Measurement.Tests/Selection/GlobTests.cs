using KernelSuite.Measurement;

namespace KernelSuite.Tests;

public sealed class GlobTests
{
    [Theory]
    [InlineData("*", "", true)]
    [InlineData("*", "anything", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("causal*", "causal-square", true)]
    [InlineData("causal*", "layout-causal", false)]
    [InlineData("*causal*", "layout-causal-x", true)]
    [InlineData("d?4", "d64", true)]
    [InlineData("d?4", "d4", false)]
    [InlineData("B1H8*", "b1h8n2048d128", true)]
    [InlineData("a*b*c", "aXbYbZc", true)]
    [InlineData("a*b*c", "aXbYbZ", false)]
    [InlineData("[a]", "[a]", true)]
    [InlineData("a.c", "abc", false)]
    public void Matches(string pattern, string name, bool expected) => Assert.Equal(expected, Glob.IsMatch(pattern, name));

    [Fact]
    public void A_pattern_made_to_backtrack_ends()
    {
        string pattern = string.Concat(Enumerable.Repeat("*a", 200)) + "b";
        Assert.False(Glob.IsMatch(pattern, new string('a', 2000)));
    }

    [Fact]
    public void Wildcards_are_recognised()
    {
        Assert.True(Glob.IsLiteral("b1h1n32768d64"));
        Assert.False(Glob.IsLiteral("b1*"));
        Assert.False(Glob.IsLiteral("b?"));
    }
}
