using KernelSuite.Counters.Models;

namespace KernelSuite.Counters.Tests.Models;

/// <summary>Models in files: the sidecar, m4, and programs that are missing or misbehave.</summary>
public sealed class LoadTests : IDisposable
{
    private const string Guarded = "feature f; FLOW { if f { incr a; } else { incr b; } done; }";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("ksuite-models-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void The_sidecar_turns_declared_features_on()
    {
        string path = Write("m.fdl", Guarded);
        Assert.Null(FlowModel.Load(path).Sidecar);
        Write("m.json", """{"name": "m1", "year": {"a": [1]}, "features": ["f", "Written Out"]}""");
        FlowModel model = FlowModel.Load(path);
        Assert.Equal("m1", model.Sidecar!.Name);
        Assert.Equal(["f", "Written Out"], model.Sidecar.Features);
        Assert.Equal(["f"], model.DefaultFeatures);
        Assert.Equal([1L, 0L], model.Enumerate().Paths.Single().Counts);
        Assert.Equal([0L, 1L], FlowModel.Load(path, []).Enumerate().Paths.Single().Counts);
        Assert.Throws<ArgumentException>(() => FlowModel.Load(path, ["Written Out"]));
    }

    [Theory]
    [InlineData("", 1, 1)]
    [InlineData("[]", 1, 1)]
    [InlineData("{\"name\": 3}", 1, 10)]
    [InlineData("{\n \"features\": \"f\"}", 2, 14)]
    [InlineData("{\"features\": [\n  \"f\", 2]}", 2, 8)]
    [InlineData("{\"features\": [\"\"]}", 1, 15)]
    [InlineData("{\"name\": \"m\"", 1, 13)]
    [InlineData("{\"name\": \"m\"} 2", 1, 15)]
    [InlineData("{\"name\": \"m\",}", 1, 14)]
    [InlineData("{} // m", 1, 4)]
    public void A_bad_sidecar_is_an_error_with_its_place(string json, int line, int column)
    {
        string path = Write("m.fdl", Guarded), sidecar = Write("m.json", json);
        FlowSyntaxException error = Assert.Throws<FlowSyntaxException>(() => FlowModel.Load(path));
        Assert.Equal((sidecar, line, column), (error.File, error.Line, error.Column));
    }

    [Fact]
    public void Large_files_are_refused_before_they_are_read()
    {
        string path = Write("m.fdl", Guarded);
        Write("m.json", "{}" + new string(' ', FlowLimits.MostSidecarBytes));
        Assert.Contains("65536 bytes", Assert.Throws<FlowSyntaxException>(() => FlowModel.Load(path)).Message, StringComparison.Ordinal);
        string large = Write("large.fdl", new string(' ', FlowLimits.MostCharacters + 1));
        Assert.Contains("4194304 bytes", Assert.Throws<FlowSyntaxException>(() => FlowModel.Load(large)).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => FlowModel.Load(Path.Combine(folder.FullName, "none.fdl")));
    }

    [Fact]
    public void Bytes_that_are_not_text_have_a_place()
    {
        string path = Path.Combine(folder.FullName, "m.fdl");
        File.WriteAllBytes(path, [.. "FLOW {\n "u8, 0xFF, .. " }"u8]);
        FlowSyntaxException error = Assert.Throws<FlowSyntaxException>(() => FlowModel.Load(path));
        Assert.Equal((2, 2), (error.Line, error.Column));
    }

    [SkippableFact]
    public void M4_sees_features_as_macros_and_as_themselves()
    {
        Skip.IfNot(IsInstalled("m4"), "m4 is not installed.");
        string path = Write("m.fdlm4", "feature g;\nFLOW { incr a; ifdef(`H', `incr h;')\n if g { incr b; }\n done; }\n");
        Assert.Equal(["a", "b"], FlowModel.Load(path).Counters);
        FlowModel model = FlowModel.Load(path, ["H", "g"]);
        Assert.Equal(["a", "h", "b"], model.Counters);
        Assert.Equal(["g"], model.DefaultFeatures);
        Assert.Equal([1L, 1L, 1L], model.Enumerate().Paths.Single().Counts);
        Assert.Contains("'x;y'", Assert.Throws<ArgumentException>(() => FlowModel.Load(path, ["x;y"])).Message, StringComparison.Ordinal);
        Write("m.json", """{"features": ["H", "with blanks"]}""");
        Assert.Equal(["a", "h", "b"], FlowModel.Load(path).Counters);
    }

    [SkippableFact]
    public void Errors_after_m4_have_the_line_of_the_file()
    {
        Skip.IfNot(IsInstalled("m4"), "m4 is not installed.");
        string path = Write("m.fdlm4", "ifdef(`H', `\nincr h;\n')dnl\nFLOW {\n  incr a;\n  frob;\n}\n");
        FlowSyntaxException error = Assert.Throws<FlowSyntaxException>(() => FlowModel.Load(path));
        Assert.Equal((6, 3), (error.Line, error.Column));
    }

    [SkippableFact]
    public void A_model_cannot_run_commands_through_m4()
    {
        Skip.IfNot(IsInstalled("m4"), "m4 is not installed.");
        string trace = Path.Combine(folder.FullName, "trace");
        foreach (string attempt in (string[])["syscmd(`touch {0}')", "esyscmd(`touch {0}')", "builtin(`syscmd', `touch {0}')",
            "indir(`syscmd', `touch {0}')", "debugfile(`{0}')"])
        {
            string path = Write("m.fdlm4", attempt.Replace("{0}", trace, StringComparison.Ordinal) + "\nFLOW { incr a; done; }\n");
            // What is left of the attempt is text, mostly not in the language; that is not what this is about.
            Record.Exception(() => FlowModel.Load(path));
            Assert.False(File.Exists(trace), attempt);
        }
    }

    [SkippableFact]
    public void Endless_macros_are_stopped()
    {
        Skip.IfNot(IsInstalled("m4"), "m4 is not installed.");
        string path = Write("m.fdlm4", "define(`x', `incr a; x')x\n");
        Assert.Contains("more than 4194304 characters", Assert.Throws<ExternalToolException>(() => FlowModel.Load(path)).Message,
            StringComparison.Ordinal);
        string failing = Write("failing.fdlm4", "m4exit(`3')\n");
        Assert.Contains("exit code 3", Assert.Throws<ExternalToolException>(() => FlowModel.Load(failing)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_program_is_named_with_what_to_install()
    {
        var tool = new ExternalTool("ksuite-no-such-program", "Install the package none.");
        ExternalToolException error = Assert.Throws<ExternalToolException>(() => tool.Run([], "", null, TimeSpan.FromSeconds(5), 100, default));
        Assert.Equal("ksuite-no-such-program", error.Tool);
        Assert.Equal("ksuite-no-such-program is not installed, or not in PATH. Install the package none.", error.Message);
    }

    [SkippableFact]
    public void A_program_that_hangs_is_stopped()
    {
        Skip.IfNot(IsInstalled("sleep"), "sleep is not installed.");
        var tool = new ExternalTool("sleep", "");
        Assert.Contains("did not end",
            Assert.Throws<ExternalToolException>(() => tool.Run(["60"], "", null, TimeSpan.FromMilliseconds(50), 100, default)).Message,
            StringComparison.Ordinal);
        using var stopped = new CancellationTokenSource(50);
        Assert.ThrowsAny<OperationCanceledException>(() => tool.Run(["60"], "", null, TimeSpan.FromSeconds(60), 100, stopped.Token));
    }

    internal static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(f => f.Length > 0 && File.Exists(Path.Combine(f, program)));

    private string Write(string name, string text)
    {
        string path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
