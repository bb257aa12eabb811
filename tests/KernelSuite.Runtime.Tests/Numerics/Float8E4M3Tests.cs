namespace KernelSuite.Runtime.Tests.Numerics;

public class Float8E4M3Tests
{
    [Fact]
    public void Every_code_survives_the_way_to_float_and_back()
    {
        for (int code = 0; code < 256; code++)
        {
            float value = Float8E4M3.Decode((byte)code);
            Assert.Equal(code, Float8E4M3.Encode(value));
            Assert.Equal((code & 0x7F) == 0x7F, float.IsNaN(value));
        }
    }

    [Fact]
    public void Rounding_is_to_nearest_with_ties_to_the_even_code_between_all_neighbours()
    {
        for (int code = 0; code < 0x7E; code++)
        {
            float low = Float8E4M3.Decode((byte)code), high = Float8E4M3.Decode((byte)(code + 1)), middle = (low + high) / 2;
            Assert.Equal(code, Float8E4M3.Encode(MathF.BitDecrement(middle)));
            Assert.Equal((code & 1) == 0 ? code : code + 1, Float8E4M3.Encode(middle));
            Assert.Equal(code + 1, Float8E4M3.Encode(MathF.BitIncrement(middle)));
            Assert.Equal(0x80 | code, Float8E4M3.Encode(-MathF.BitDecrement(middle)));
        }
    }

    [Theory]
    [InlineData(448f, 0x7E)]
    [InlineData(464f, 0x7E)]
    [InlineData(1e30f, 0x7E)]
    [InlineData(float.PositiveInfinity, 0x7E)]
    [InlineData(float.NegativeInfinity, 0xFE)]
    [InlineData(-0.0f, 0x80)]
    [InlineData(1.0f, 0x38)]
    [InlineData(0.001953125f, 0x01)]
    public void Known_values(float value, int code) => Assert.Equal(code, Float8E4M3.Encode(value));
}
