namespace KernelSuite.Runtime.Tests.Numerics;

public class DTypeTests
{
    [Theory]
    [InlineData(DType.Float32, 4, "float32", 24)]
    [InlineData(DType.Float16, 2, "float16", 11)]
    [InlineData(DType.BFloat16, 2, "bfloat16", 8)]
    [InlineData(DType.Float64, 8, "float64", 53)]
    public void Floating_types_have_size_name_and_roundoff(DType type, int bytes, string name, int precision)
    {
        Assert.Equal(bytes, type.SizeOf());
        Assert.Equal(name, type.Name());
        Assert.Equal(Math.ScaleB(1, -precision), type.UnitRoundoff());
    }

    [Fact]
    public void Integers_have_no_roundoff()
    {
        Assert.Equal(4, DType.Int32.SizeOf());
        Assert.Equal("int32", DType.Int32.Name());
        Assert.Equal(0, DType.Int32.UnitRoundoff());
    }

    [Fact]
    public void Net_types_map_to_the_dtype_of_their_size()
    {
        Assert.Equal(DType.Float32, DTypes.Of<float>());
        Assert.Equal(DType.Float16, DTypes.Of<Half>());
        Assert.Equal(DType.BFloat16, DTypes.Of<BFloat16>());
        Assert.Equal(DType.Float64, DTypes.Of<double>());
        Assert.Equal(DType.Int32, DTypes.Of<int>());
        Assert.Contains("Half", Assert.Throws<NotSupportedException>(() => DTypes.Of<decimal>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_outside_the_enum_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ((DType)99).SizeOf());
        Assert.Throws<ArgumentOutOfRangeException>(() => ((DType)99).Name());
    }
}
