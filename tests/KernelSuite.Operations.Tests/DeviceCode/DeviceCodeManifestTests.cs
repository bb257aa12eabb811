using System.Security.Cryptography;
using System.Text;

namespace KernelSuite.Operations.Tests.DeviceCode;

public sealed class DeviceCodeManifestTests
{
    private static readonly string Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("text of a.cl")));

    [Fact]
    public void No_manifest_means_not_bundled() => Assert.Equal(DeviceCodeStatus.NotBundled, Compare(null, "a.cl").Status);

    [Fact]
    public void Equal_text_is_checked()
    {
        DeviceCodeManifest manifest = Compare(Json(Hash, compiled: true), "a.cl");
        Assert.Equal(DeviceCodeStatus.Checked, manifest.Status);
        Assert.Equal(1, manifest.Variants);
        Assert.Contains("clang 14", manifest.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_text_without_a_compiler_is_unchecked() =>
        Assert.Equal(DeviceCodeStatus.Unchecked, Compare(Json(Hash, compiled: false), "a.cl").Status);

    [Theory]
    [InlineData("0123", "a.cl")]
    [InlineData(null, "a.cl", "b.cl")]
    [InlineData(null)]
    public void Changed_added_or_removed_text_is_stale(string? hash, params string[] paths)
    {
        DeviceCodeManifest manifest = Compare(Json(hash ?? Hash, compiled: true), paths);
        Assert.Equal(DeviceCodeStatus.Stale, manifest.Status);
        Assert.Single(manifest.Differing);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"sources\": 1}")]
    [InlineData("{\"sources\": [{}], \"checked\": true}")]
    public void A_damaged_manifest_is_an_error(string json) =>
        Assert.Throws<InvalidOperationException>(() => Compare(json, "a.cl"));

    [Fact]
    public void The_embedded_manifest_can_be_read() => Assert.NotEmpty(KernelText.Manifest.Summary);

    [Fact]
    public void Every_embedded_OpenCL_source_flattens()
    {
        foreach (string path in KernelText.Paths.Where(p => p.EndsWith(".cl", StringComparison.Ordinal)))
            Assert.DoesNotContain("#include \"", KernelText.Load(path), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_source_is_refused() => Assert.Throws<ArgumentException>("path", () => KernelText.Load("no/such.cl"));

    private static string Json(string hash, bool compiled) =>
        $$"""{"checked": {{(compiled ? "true" : "false")}}, "compiler": "clang 14", "variants": ["-DX=1"], "sources": [{"path": "a.cl", "sha256": "{{hash}}"}]}""";

    private static DeviceCodeManifest Compare(string? json, params string[] paths) =>
        DeviceCodeManifest.Compare(json is null ? null : Encoding.UTF8.GetBytes(json), paths, path => Encoding.UTF8.GetBytes("text of " + path));
}
