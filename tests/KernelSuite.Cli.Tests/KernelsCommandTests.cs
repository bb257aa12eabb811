using System.Text.Json;
using KernelSuite.Cli;
using KernelSuite.Operations;

namespace KernelSuite.Tests;

/// <summary><c>ksuite kernels</c>, with the programs that the build made or without any.</summary>
public sealed class KernelsCommandTests
{
    [Fact]
    public void The_document_has_every_part_with_programs_or_without()
    {
        using var folder = new TemporaryFolder();
        CliResult result = CliResult.Run("kernels", "--format", "json", "--output", folder["kernels.json"]);
        Assert.Equal(ExitCode.Ok, result.Code);
        Assert.Equal(["status", "summary", "compiler", "architectures", "kernels", "comparison"], result.Json.EnumerateObject().Select(p => p.Name));
        Assert.Equal(result.Output.TrimEnd(), File.ReadAllText(folder["kernels.json"]).TrimEnd());
        if (KernelImages.Programs.Count == 0) Assert.Equal("not_bundled", result.Json.GetProperty("status").GetString());
    }

    [SkippableFact]
    public void Kernels_are_picked_by_pattern_and_architecture()
    {
        SkipWithoutPrograms();
        string target = KernelImages.Programs[0].Kernels[0].Target;
        JsonElement kernels = CliResult.Run("kernels", "--program", "attention/*,no_such", "--arch", target[3..], "--format", "json").Json.GetProperty("kernels");
        Assert.NotEqual(0, kernels.GetArrayLength());
        Assert.All(kernels.EnumerateArray(), k => Assert.Equal(target, k.GetProperty("target").GetString()));
        Assert.All(kernels.EnumerateArray(), k => Assert.StartsWith("attention/", k.GetProperty("program").GetString(), StringComparison.Ordinal));
        Assert.Contains(kernels.EnumerateArray(), k => k.GetProperty("occupancy").ValueKind == JsonValueKind.Object);
        Assert.Contains("attention_forward", CliResult.Run("kernels", "--arch", target).Output, StringComparison.Ordinal);
        CliResult unknown = CliResult.Run("kernels", "--arch", "sm_20");
        Assert.Equal(ExitCode.BadInput, unknown.Code);
        Assert.Contains(target, unknown.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_baseline_that_was_just_written_is_met_and_a_better_one_is_not()
    {
        SkipWithoutPrograms();
        using var folder = new TemporaryFolder();
        string file = folder["baseline.json"];
        CliResult same = CliResult.Run("kernels", "--write-baseline", file, "--baseline", file, "--format", "json");
        Assert.Equal(ExitCode.Ok, same.Code);
        Assert.True(same.Json.GetProperty("comparison").GetProperty("compared").GetBoolean());

        KernelResources kernel = KernelImages.Programs.SelectMany(p => p.Kernels).First(k => k.Occupancy is not null);
        string better = File.ReadAllText(file).Replace($"\"warps\": {kernel.Occupancy!.Warps}", $"\"warps\": {kernel.Occupancy.Warps + 64}", StringComparison.Ordinal);
        File.WriteAllText(file, better);
        CliResult worse = CliResult.Run("kernels", "--baseline", file);
        Assert.Equal(ExitCode.Failed, worse.Code);
        Assert.Contains(kernel.Title, worse.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_a_baseline_is_named()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["baseline.json"], "{}");
        CliResult result = CliResult.Run("kernels", "--baseline", folder["baseline.json"]);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains("baseline.json", result.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.BadInput, CliResult.Run("kernels", "--baseline", folder["gone.json"]).Code);
    }

    private static void SkipWithoutPrograms()
    {
        if (KernelImages.Programs.Count > 0) return;
        if (Environment.GetEnvironmentVariable("KSUITE_REQUIRE_CUDA") == "1") Assert.Fail("The assembly was built without CUDA programs, and KSUITE_REQUIRE_CUDA demands them.");
        Skip.If(true, "The assembly was built without CUDA programs.");
    }
}
