using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace KernelSuite.Measurement;

/// <summary>The instruction sets that .NET uses on this processor, as far as they matter here.</summary>
internal static class InstructionSets
{
    public static IReadOnlyList<string> Supported { get; } =
    [
        .. new (string Name, bool Is)[]
        {
            ("sse4.2", Sse42.IsSupported),
            ("avx", Avx.IsSupported),
            ("avx2", Avx2.IsSupported),
            ("fma", Fma.IsSupported),
            ("avx512f", Avx512F.IsSupported),
            ("avx512bw", Avx512BW.IsSupported),
            ("avx512dq", Avx512DQ.IsSupported),
            ("avx512vbmi", Avx512Vbmi.IsSupported),
            ("avx10v1", Avx10v1.IsSupported),
            ("neon", AdvSimd.IsSupported),
        }.Where(s => s.Is).Select(s => s.Name),
    ];
}
