using System.Runtime.Intrinsics;

namespace KernelSuite.Runtime.Cpu;

/// <summary>Widest vector that managed kernels use.</summary>
public enum CpuSimd
{
    /// <summary>Plain scalar code.</summary>
    Scalar = 1,

    /// <summary>128-bit vectors (SSE, NEON).</summary>
    Vector128 = 4,

    /// <summary>256-bit vectors (AVX2).</summary>
    Vector256 = 8,

    /// <summary>512-bit vectors (AVX-512).</summary>
    Vector512 = 16,
}

/// <summary>Facts about <see cref="CpuSimd"/>. The numeric value of a member is its number of float lanes.</summary>
public static class CpuSimds
{
    /// <summary>The widest vector that this process accelerates.</summary>
    public static CpuSimd Best =>
        System.Runtime.Intrinsics.X86.Avx512F.IsSupported ? CpuSimd.Vector512
        : Vector256.IsHardwareAccelerated ? CpuSimd.Vector256
        : Vector128.IsHardwareAccelerated ? CpuSimd.Vector128
        : CpuSimd.Scalar;

    /// <summary>The widths that this process can run, widest first; always ends with <see cref="CpuSimd.Scalar"/>.</summary>
    public static IReadOnlyList<CpuSimd> Supported => [.. Enum.GetValues<CpuSimd>().Where(s => s <= Best).OrderDescending()];
}
