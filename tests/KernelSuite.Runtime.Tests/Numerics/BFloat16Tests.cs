namespace KernelSuite.Runtime.Tests.Numerics;

public class BFloat16Tests
{
    [Fact]
    public void Every_value_survives_the_way_to_float_and_back()
    {
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var value = new BFloat16((ushort)bits);
            float wide = (float)value;
            Assert.Equal((uint)bits << 16, BitConverter.SingleToUInt32Bits(wide));
            var back = (BFloat16)wide;
            if (float.IsNaN(wide)) Assert.True(float.IsNaN((float)back));
            else Assert.Equal(value, back);
        }
    }

    [Fact]
    public void Rounding_is_to_nearest_with_ties_to_even_between_all_neighbours()
    {
        // For each finite value and the one above it in magnitude: just below, at and just above the midpoint.
        for (int bits = 0; bits < ushort.MaxValue; bits++)
        {
            float low = (float)new BFloat16((ushort)bits);
            if (!float.IsFinite(low)) continue;
            uint middle = ((uint)bits << 16) | 0x8000;
            ushort up = (ushort)(bits + 1);
            Assert.Equal((ushort)bits, Round(middle - 1));
            Assert.Equal((bits & 1) == 0 ? (ushort)bits : up, Round(middle));
            Assert.Equal(up, Round(middle + 1));
        }
    }

    [Theory]
    [InlineData(float.MaxValue, 0x7F80)]
    [InlineData(float.MinValue, 0xFF80)]
    [InlineData(float.PositiveInfinity, 0x7F80)]
    [InlineData(float.NegativeInfinity, 0xFF80)]
    [InlineData(-0.0f, 0x8000)]
    [InlineData(1.0f, 0x3F80)]
    public void Known_values(float value, int bits) => Assert.Equal(bits, ((BFloat16)value).Bits);

    [Fact]
    public void Every_nan_stays_a_quiet_nan_of_its_sign()
    {
        foreach (uint bits in new uint[] { 0x7F800001, 0x7FC00000, 0x7FFFFFFF, 0xFF800001, 0xFFFFFFFF, 0x7F808000 })
        {
            ushort result = Round(bits);
            Assert.True(float.IsNaN((float)new BFloat16(result)));
            Assert.Equal(bits >> 31, (uint)result >> 15);
            Assert.NotEqual(0, result & 0x0040);
        }
    }

    [Fact]
    public void Equality_is_bitwise()
    {
        Assert.True(new BFloat16(0x7FC0) == new BFloat16(0x7FC0));
        Assert.True(new BFloat16(0x0000) != new BFloat16(0x8000));
        Assert.Equal("1.5", ((BFloat16)1.5f).ToString());
    }

    private static ushort Round(uint floatBits) => ((BFloat16)BitConverter.UInt32BitsToSingle(floatBits)).Bits;
}
