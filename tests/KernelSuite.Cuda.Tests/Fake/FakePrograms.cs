using System.Text;
using KernelSuite.Runtime;

namespace KernelSuite.Cuda.Tests;

/// <summary>Images made of text, as a build would have made them.</summary>
internal sealed class TextImages(params (string Target, string Text)[] images) : ProgramImages
{
    public override IReadOnlyList<string> Targets => [.. images.Select(i => i.Target)];

    public override string Compiler => "nvcc 11.8.89";

    public List<string> WasRead { get; } = [];

    public override ReadOnlyMemory<byte> Read(string target)
    {
        WasRead.Add(target);
        return Encoding.UTF8.GetBytes(images.First(i => i.Target == target).Text);
    }
}

/// <summary>Programs of the kernels that the fake driver knows by name.</summary>
internal static class FakePrograms
{
    public const string Kernels = """
        .visible .entry axpy(
            .param .u64 axpy_param_0,
            .param .u64 axpy_param_1,
            .param .f32 axpy_param_2,
            .param .u32 axpy_param_3
        )
        .maxntid 256, 1, 1
        { ret; }
        .visible .entry fill(.param .u64 y, .param .f32 value, .param .u32 n) { ret; }
        .visible .entry eight(.param .u64 y) .reqntid 8, 1, 1 { ret; }
        .visible .entry is_null(.param .u64 x, .param .u64 answer) { ret; }
        .visible .entry fault() { ret; }
        .visible .entry empty() { ret; }
        .visible .entry tiles(.param .u64 y) { ret; }
        .visible .entry wide(.param .u8 a, .param .align 16 .b8 b[48], .param .u16 c, .param .f64 d) { ret; }
        """;

    public static ProgramSource Source { get; } = Of(("compute_80", Ptx()), ("sm_80", Cubin("sm_80")));

    public static ProgramSource Of(params (string Target, string Text)[] images) =>
        new("tests/fake.cu", string.Empty, "-DTEST=1") { Images = new TextImages(images) };

    public static string Ptx(string target = "sm_80", string version = "7.8", string kernels = Kernels) =>
        $"//\n// made for tests\n//\n.version {version}\n.target {target}\n.address_size 64\n\n{kernels}\n";

    /// <summary>The fake driver takes PTX behind the first bytes of an ELF file for a cubin.</summary>
    public static string Cubin(string target) => "\u007fELF" + Ptx(target);
}
