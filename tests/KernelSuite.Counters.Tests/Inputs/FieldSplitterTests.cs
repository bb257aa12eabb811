using System.Text;
using KernelSuite.Counters.Inputs;
using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Tests.Inputs;

/// <summary>Short lines, long ones and those with quotation marks are split by three loops, which agree.</summary>
public sealed class FieldSplitterTests
{
    [Fact]
    public void Fields_lie_between_separators_whatever_the_length()
    {
        var random = new Random(5);
        var splitter = new FieldSplitter((byte)',');
        for (int length = 0; length < 400; length++)
        {
            string line = string.Concat(Enumerable.Range(0, length).Select(_ => random.Next(4) == 0 ? ',' : (char)('0' + random.Next(10))));
            Assert.Equal(line.Split(','), Split(splitter, line));
        }
    }

    [Fact]
    public void A_quoted_field_of_a_long_line_keeps_its_separator()
    {
        string plain = string.Join(',', Enumerable.Range(0, 60));
        Assert.Equal([.. plain.Split(','), "a,b", "c\"d"], Split(new FieldSplitter((byte)','), plain + ",\"a,b\",\"c\"\"d\""));
    }

    [Fact]
    public void Too_many_fields_of_a_long_line_are_refused()
    {
        string? wrong = new FieldSplitter((byte)',').Split(Encoding.UTF8.GetBytes(new string(',', InputLimits.MostFields)), out int offset);
        Assert.Contains("more than", wrong, StringComparison.Ordinal);
        Assert.Equal(InputLimits.MostFields, offset);
    }

    private static string[] Split(FieldSplitter splitter, string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        Assert.Null(splitter.Split(bytes, out _));
        return [.. Enumerable.Range(0, splitter.Count).Select(i => Encoding.UTF8.GetString(splitter.Field(bytes, i)))];
    }
}
