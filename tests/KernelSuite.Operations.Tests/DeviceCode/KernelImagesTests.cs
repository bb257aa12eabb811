using System.Text;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Tests.DeviceCode;

public sealed class KernelImagesTests
{
    private static readonly byte[] ElfMagic = [0x7f, (byte)'E', (byte)'L', (byte)'F'];

    [SkippableFact]
    public void Every_embedded_image_is_machine_code_or_ptx_for_its_target()
    {
        foreach (BundledProgram program in CudaPrograms.Embedded())
        {
            ProgramImages images = KernelImages.Find(program.Name, program.Options)!;
            Assert.NotEmpty(images.Targets);
            foreach (string target in images.Targets)
            {
                ReadOnlySpan<byte> image = images.Read(target).Span;
                if (target.StartsWith("sm_", StringComparison.Ordinal)) Assert.True(image.StartsWith(ElfMagic), $"{program.Name} {program.Options}: {target} is not a cubin");
                else Assert.Contains($".target {target.Replace("compute_", "sm_", StringComparison.Ordinal)}", Encoding.UTF8.GetString(image), StringComparison.Ordinal);
            }
        }
    }

    [SkippableFact]
    public void Embedded_programs_are_of_the_embedded_text()
    {
        CudaPrograms.Embedded();
        Assert.True(CudaCode.Embedded.Status == CudaCodeStatus.Compiled, CudaCode.Embedded.Summary);
    }

    [Fact]
    public void What_is_not_bundled_is_null()
    {
        Assert.Null(KernelImages.Find("no/such.cu", string.Empty));
        Assert.Null(KernelImages.Find("no_family.cu", string.Empty));
        Assert.Null(KernelImages.Find("attention/attention_forward.cl", "-DNO_SUCH_OPTION=1"));
    }

    [Fact]
    public void Text_that_was_changed_after_compiling_is_named()
    {
        // The maker's bundle has a hash of other text, and knows no header.
        CudaBundle bundle = BundleMaker.Read(BundleMaker.Bundle(BundleMaker.Index(source: "attention/attention_naive.cl")));
        IReadOnlyList<string> differing = KernelImages.Differing("attention/attention_naive.cl", bundle);
        Assert.Contains("attention/attention_naive.cl", differing);
        Assert.Contains("dialect.h", differing);
        CudaCode code = CudaCode.Compare([bundle], KernelImages.Differing);
        Assert.Equal(CudaCodeStatus.Stale, code.Status);
        Assert.Contains("attention/attention_naive.cl", code.Summary, StringComparison.Ordinal);
        Assert.Equal(["gone.cu"], KernelImages.Differing("gone.cu", bundle));
        Assert.Equal(CudaCodeStatus.Compiled, CudaCode.Compare([bundle], (_, _) => []).Status);
        Assert.Equal(CudaCodeStatus.NotBundled, CudaCode.Compare([], KernelImages.Differing).Status);
    }

    [Fact]
    public void A_programs_files_are_those_it_includes_under_conditions_too()
    {
        var files = new Dictionary<string, string>
        {
            ["a/main.cu"] = "#include \"near.h\"\n#if X\n#include <far.h>\n#endif\n#include <stdint.h>\n",
            ["a/near.h"] = "#include \"../far.h\"\n",
            ["far.h"] = "#include \"a/near.h\"\n",
            ["unused.h"] = string.Empty,
        };
        Assert.Equal(["a/main.cu", "a/near.h", "far.h"], IncludeFlattener.Reach("a/main.cu", files.GetValueOrDefault).Order(StringComparer.Ordinal));
        Assert.Empty(IncludeFlattener.Reach("gone.cu", files.GetValueOrDefault));
    }

    /// <summary>tests/kernels/variants/variants-cuda.txt: braces, an empty word, a condition that holds for newer architectures and one that never does.</summary>
    [SkippableFact]
    public void Lines_of_a_variants_list_become_programs()
    {
        CudaBundle bundle = Assert.Single(CudaPrograms.OfTests(), b => Path.GetFileName(b.Origin) == "variants.zip");
        Assert.All(bundle.Programs, p => Assert.Equal("variants/scaled.cu", p.Name));
        string[] newer = [.. bundle.Architectures.Where(a => int.Parse(a, System.Globalization.CultureInfo.InvariantCulture) >= 89)];
        string[] expected = ["-DFACTOR=1", "-DFACTOR=1 -DUNUSED=1", "-DFACTOR=2", "-DFACTOR=2 -DUNUSED=1", .. newer.Length > 0 ? ["-DFACTOR=3"] : Array.Empty<string>()];
        Assert.Equal(expected, bundle.Programs.Select(p => p.Options));
        Assert.Equal([.. bundle.Architectures.Select(a => "sm_" + a), "compute_" + bundle.Architectures[0]], bundle.Programs[0].Images.Targets);
        if (newer.Length > 0) Assert.Equal([.. newer.Select(a => "sm_" + a), "compute_" + newer[0]], bundle.Programs[^1].Images.Targets);
        Assert.All(bundle.Programs.SelectMany(p => p.Kernels), k => Assert.Equal((512, 128, "scaled"), (k.SharedBytes, k.MaxThreads, k.Kernel)));
    }
}
