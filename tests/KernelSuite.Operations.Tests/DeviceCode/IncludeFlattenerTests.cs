namespace KernelSuite.Operations.Tests.DeviceCode;

public sealed class IncludeFlattenerTests
{
    [Fact]
    public void Headers_replace_their_includes_once_and_lines_keep_their_places()
    {
        string text = Flatten(
            ("family/main.cl", "#include \"tile.h\"\n#include \"common.h\"\nmain\n"),
            ("family/tile.h", "#ifndef TILE_H\n#define TILE_H\n#include \"common.h\"\ntile\n#endif\n"),
            ("common.h", "common\n"));
        Assert.Equal(
            """
            #line 1 "family/main.cl"
            #line 1 "family/tile.h"
            #ifndef TILE_H
            #define TILE_H
            #line 1 "common.h"
            common
            #line 4 "family/tile.h"
            tile
            #endif
            #line 2 "family/main.cl"

            main

            """,
            text);
    }

    [Fact]
    public void A_header_beside_the_source_wins_over_one_at_the_root()
    {
        string text = Flatten(("a/main.cl", "#include \"x.h\"\n"), ("a/x.h", "near\n"), ("x.h", "far\n"));
        Assert.Contains("near", text, StringComparison.Ordinal);
        Assert.DoesNotContain("far", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_parent_folder_may_be_named() =>
        Assert.Contains("far", Flatten(("a/main.cl", "#include \"../x.h\"\n"), ("x.h", "far\n")), StringComparison.Ordinal);

    [Theory]
    [InlineData("one\n#include \"gone.h\"\n", "main.cl:2: \"gone.h\"")]
    [InlineData("#include <gone.h>\n", "main.cl:1: expected #include")]
    [InlineData("#include \"../../etc/passwd\"\n", "neither beside")]
    public void An_include_that_cannot_work_is_named(string source, string word)
    {
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => Flatten(("main.cl", source), ("x.h", "x\n")));
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#if CUDA\n#include \"x.h\"\n#endif\nmain\n")]
    [InlineData("#ifndef OPENCL\n#include \"x.h\"\n#endif\nmain\n")]
    [InlineData("#ifdef HOST\n#include <gone.h>\n#endif\nmain\n")]
    public void An_include_under_a_condition_is_for_another_language(string source)
    {
        string[] lines = Flatten(("main.cl", source), ("x.h", "x\n")).Split('\n');
        Assert.StartsWith("#error main.cl:2:", lines[2], StringComparison.Ordinal);
        Assert.Equal("main", lines[4]);
        Assert.DoesNotContain("x", lines);
    }

    [Fact]
    public void A_circle_ends()
    {
        string text = Flatten(("a.cl", "#include \"b.h\"\na\n"), ("b.h", "#include \"a.cl\"\n#include \"b.h\"\nb\n"));
        Assert.Contains("\na\n", text, StringComparison.Ordinal);
        Assert.Contains("\nb\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_is_bounded()
    {
        (string, string)[] files = [.. Enumerable.Range(0, 40).Select(i => ($"h{i}", $"#include \"h{i + 1}\"\n"))];
        Assert.Contains("nested", Assert.Throws<InvalidOperationException>(() => Flatten(files)).Message, StringComparison.Ordinal);
    }

    private static string Flatten(params (string Path, string Text)[] files) =>
        IncludeFlattener.Flatten(files[0].Path, path => files.FirstOrDefault(f => f.Path == path).Text);
}
