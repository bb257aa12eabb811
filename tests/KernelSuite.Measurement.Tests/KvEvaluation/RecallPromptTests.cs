using System.Text;

namespace KernelSuite.Measurement.Tests;

/// <summary>Recall prompts from files and from seeds.</summary>
public sealed class RecallPromptTests : IDisposable
{
    private static readonly byte[] Filler = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("Some text to cut from, caf\u00e9 included. ", 40)));
    private readonly string folder = Directory.CreateTempSubdirectory("ksuite-recall-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_file_gives_its_prompts_and_skips_empty_lines()
    {
        string file = Write("{\"id\": 3, \"prompt\": \"ab=\", \"answer\": \"12;\"}\n\n{\"prompt\": \"c=\", \"answer\": \"3;\"}\n");
        Assert.Equal([new RecallPrompt("ab=", "12;"), new RecallPrompt("c=", "3;")], RecallFile.Read(file));
    }

    [Theory]
    [InlineData("", 0, "no prompt")]
    [InlineData("{\"prompt\": \"a\", \"answer\": \"b\"}\nnot json", 2, "not JSON")]
    [InlineData("[1]", 1, "JSON Array")]
    [InlineData("{\"prompt\": \"a\"}", 1, "'answer'")]
    [InlineData("{\"prompt\": 5, \"answer\": \"b\"}", 1, "'prompt'")]
    [InlineData("{\"prompt\": \"\", \"answer\": \"b\"}", 1, "'prompt'")]
    [InlineData("{\"prompt\": [[[[[[[[[1]]]]]]]]], \"answer\": \"b\"}", 1, "not JSON")]
    public void A_bad_file_is_named_with_its_line(string text, int line, string part)
    {
        string file = Write(text);
        RecallFormatException error = Assert.Throws<RecallFormatException>(() => RecallFile.Read(file));
        Assert.Equal((file, line), (error.Path, error.Line));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Generated_answers_stand_in_their_tables()
    {
        IReadOnlyList<RecallPrompt> prompts = RecallPromptGenerator.Generate(50, 9, Filler);
        Assert.All(prompts, p =>
        {
            Assert.Matches("^([a-z]{4}=[0-9]{4};){8}\n", p.Prompt);
            Assert.Matches("^[0-9]{4};$", p.Answer);
            string key = p.Prompt[^5..];
            Assert.Single(p.Prompt.Split(';'), pair => pair.EndsWith(key + p.Answer[..4], StringComparison.Ordinal));
            Assert.All(p.Prompt, c => Assert.InRange(c, '\0', '\x7f'));
        });
        Assert.Equal(prompts.Take(10), RecallPromptGenerator.Generate(10, 9, Filler));
        Assert.NotEqual(prompts[0], RecallPromptGenerator.Generate(1, 10, Filler)[0]);
    }

    [Fact]
    public void A_text_too_short_for_filler_is_refused() =>
        Assert.Contains("401", Assert.Throws<ArgumentException>(() => RecallPromptGenerator.Generate(1, 1, Filler.AsSpan(0, 390))).Message.Replace("more than 400", "401", StringComparison.Ordinal), StringComparison.Ordinal);

    private string Write(string text)
    {
        string file = Path.Combine(folder, "recall.jsonl");
        File.WriteAllText(file, text);
        return file;
    }
}
