using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Ptx;

/// <summary>A floating-point operand type of mma.sync: its codes, and the kernel that multiplies it.</summary>
internal sealed record MmaType(string Name, int Bits, Fragments Fragments, string Program, ushort NaN, Func<float, ushort> Code, Func<ushort, double> Value)
{
    public static IReadOnlyList<MmaType> All { get; } =
    [
        new("f16", 16, Fragments.M16N8K16, "ptx/mma.cu", 0x7E00, x => BitConverter.HalfToUInt16Bits((Half)x), code => (double)BitConverter.UInt16BitsToHalf(code)),
        new("bf16", 16, Fragments.M16N8K16, "ptx/mma.cu", 0x7FC0, x => ((BFloat16)x).Bits, code => (float)new BFloat16(code)),
        new("e4m3", 8, Fragments.M16N8K32, "ptx/mma_e4m3.cu", 0x7F, x => (ushort)E4M3.Nearest(x), code => E4M3.Value(code)),
    ];

    public static MmaType Of(string name) => All.Single(type => type.Name == name);

    public float[] Run(MmaBatch<float> batch, string id) => batch.Run(TestDevices.Shared(id), Program, $"mma_{Name}");
}
