using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Ptx;

/// <summary>Conversions bit for bit against .NET's Half, the suite's BFloat16, and a search in e4m3's table.</summary>
public sealed class ConvertTests
{
    private const uint InfiniteHalf = 0x7C00;
    private const uint InfiniteBFloat16 = 0x7F80;
    private const uint LargestE4M3 = 0x7E;

    public static TheoryData<string> Devices => TestDevices.CudaLanguage;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Every_code_widens_exactly(string id)
    {
        using var run = new KernelRun(TestDevices.Shared(id), "ptx/convert.cu", "widen");
        run.Buffer(Enumerable.Range(0, 65536).Select(code => (uint)code).ToArray());
        int values = run.Buffer(new float[3 * 65536]);
        run.Value(65536);
        run.Launch(new LaunchShape(1024, ItemsX: 64));
        float[] actual = run.Read<float>(values);
        for (int code = 0; code < 65536; code++)
        {
            AssertSame((float)BitConverter.UInt16BitsToHalf((ushort)code), actual[3 * code], $"half 0x{code:x4}");
            AssertSame((float)new BFloat16((ushort)code), actual[(3 * code) + 1], $"bfloat16 0x{code:x4}");
            AssertSame((float)E4M3.Value(code & 0xFF), actual[(3 * code) + 2], $"e4m3 0x{code & 0xFF:x2}");
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Hard_values_round_to_nearest_even(string id)
    {
        Device device = TestDevices.Shared(id);
        float[] values = HardFloats.All;
        using var run = new KernelRun(device, "ptx/convert.cu", "narrow");
        run.Buffer(values);
        int codes = run.Buffer(new uint[3 * values.Length]);
        run.Value(values.Length);
        run.Launch(new LaunchShape((values.Length + 63) / 64, ItemsX: 64));
        uint[] actual = run.Read<uint>(codes);
        bool canonical = device.Info.Kind == DeviceKind.Emulator;
        for (int i = 0; i < values.Length; i++)
        {
            AssertCode(values[i], HalfCode(values[i]), actual[3 * i], InfiniteHalf, canonical);
            AssertCode(values[i], BFloat16Code(values[i]), actual[(3 * i) + 1], InfiniteBFloat16, canonical);
            AssertCode(values[i], (uint)E4M3.Nearest(values[i]), actual[(3 * i) + 2], LargestE4M3, canonical);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Packed_conversions_are_the_scalar_ones_in_order(string id)
    {
        Device device = TestDevices.Shared(id);
        float[] values = HardFloats.All;
        int groups = values.Length / 4;
        using var run = new KernelRun(device, "ptx/convert.cu", "pack");
        run.Buffer(values);
        int packed = run.Buffer(new uint[5 * groups]);
        int unpacked = run.Buffer(new float[12 * groups]);
        run.Value(groups);
        run.Launch(new LaunchShape((groups + 63) / 64, ItemsX: 64));
        uint[] words = run.Read<uint>(packed);
        float[] back = run.Read<float>(unpacked);
        bool canonical = device.Info.Kind == DeviceKind.Emulator;
        for (int i = 0; i < values.Length; i++)
        {
            int group = i / 4;
            int place = i % 4;
            float x = values[i];
            uint half = (words[(5 * group) + (place / 2)] >> (16 * (place % 2))) & 0xFFFF;
            uint bfloat = (words[(5 * group) + 2 + (place / 2)] >> (16 * (place % 2))) & 0xFFFF;
            uint e4m3 = (words[(5 * group) + 4] >> (8 * place)) & 0xFF;
            AssertCode(x, HalfCode(x), half, InfiniteHalf, canonical);
            AssertCode(x, BFloat16Code(x), bfloat, InfiniteBFloat16, canonical);
            AssertCode(x, (uint)E4M3.Nearest(x), e4m3, LargestE4M3, canonical);
            AssertSame((float)BitConverter.UInt16BitsToHalf((ushort)half), back[(12 * group) + place], $"half of {x:r}");
            AssertSame((float)new BFloat16((ushort)bfloat), back[(12 * group) + 4 + place], $"bfloat16 of {x:r}");
            AssertSame((float)E4M3.Value((int)e4m3), back[(12 * group) + 8 + place], $"e4m3 of {x:r}");
        }
    }

    [Theory]
    [InlineData(448f, 0x7E)]
    [InlineData(464f, 0x7E)]
    [InlineData(1e30f, 0x7E)]
    [InlineData(float.NegativeInfinity, 0xFE)]
    [InlineData(float.NaN, 0x7F)]
    [InlineData(0.0009765625f, 0x00)] // 2^-10, half of the smallest value: even is 0
    [InlineData(0.0029296875f, 0x02)] // 3 x 2^-10: between codes 1 and 2
    [InlineData(1f, 0x38)]
    [InlineData(-1.0625f, 0xB8)] // between 1 and 1.125
    [InlineData(1.1875f, 0x3A)]
    public void The_table_search_agrees_with_values_by_hand(float x, int code) => Assert.Equal(code, E4M3.Nearest(x));

    private static uint HalfCode(float x) => float.IsNaN(x) ? 0x7FFFu : BitConverter.HalfToUInt16Bits((Half)x);

    private static uint BFloat16Code(float x) => float.IsNaN(x) ? 0x7FFFu : ((BFloat16)x).Bits;

    /// <summary>The same bits; any NaN for a NaN.</summary>
    private static void AssertSame(float expected, float actual, string what)
    {
        bool same = float.IsNaN(expected) ? float.IsNaN(actual) : BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(actual);
        Assert.True(same, $"{what}: {actual:r} instead of {expected:r}");
    }

    /// <summary>The same code; on a GPU a NaN may have either sign and any payload: its magnitude exceeds that of the largest other code.</summary>
    private static void AssertCode(float x, uint expected, uint actual, uint largest, bool canonical)
    {
        uint magnitude = actual & (largest == LargestE4M3 ? 0x7Fu : 0x7FFFu);
        bool same = expected == actual || (float.IsNaN(x) && !canonical && magnitude > largest);
        Assert.True(same, $"{x:r} (0x{BitConverter.SingleToUInt32Bits(x):x8}): code 0x{actual:x} instead of 0x{expected:x}");
    }
}
