using KernelSuite.Runtime;

namespace KernelSuite.Operations.Tests.Arrays;

public sealed unsafe class HostArrayTests
{
    [Fact]
    public void Zeros_is_aligned_and_zero()
    {
        using HostArray array = HostArray.Zeros(DType.Float32, 3, 5, 7);
        Assert.Equal(105, array.Length);
        Assert.Equal(420, array.ByteLength);
        Assert.Equal([3, 5, 7], array.Shape.AsSpan());
        Assert.Equal(0, (nint)array.Pointer % 64);
        Assert.False(array.Bytes.ContainsAnyExcept((byte)0));
        Assert.Equal("float32 (3, 5, 7)", array.ToString());
    }

    [Fact]
    public void FromSpan_copies_and_defaults_to_a_vector()
    {
        double[] values = [1, 2, 3, 4, 5, 6];
        using HostArray vector = HostArray.FromSpan<double>(values);
        using HostArray matrix = HostArray.FromSpan<double>(values, 2, 3);
        values[0] = -1;
        Assert.Equal([6], vector.Shape.AsSpan());
        Assert.Equal([2, 3], matrix.Shape.AsSpan());
        Assert.Equal(1, matrix.AsSpan<double>()[0]);
    }

    [Fact]
    public void A_scalar_has_one_element()
    {
        using var array = new HostArray(DType.Int32);
        Assert.Equal(0, array.Rank);
        Assert.Equal(1, array.AsSpan<int>().Length);
    }

    [Fact]
    public void A_span_of_another_type_is_refused()
    {
        using HostArray array = HostArray.Zeros(DType.Float16, 4);
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => array.AsSpan<float>().Length);
        Assert.Contains("float16", error.Message, StringComparison.Ordinal);
        Assert.Contains("float32", error.Message, StringComparison.Ordinal);
        Assert.Equal(4, array.AsSpan<Half>().Length);
    }

    [Theory]
    [InlineData(new long[] { -1 })]
    [InlineData(new long[] { 65536, 65536 })]
    [InlineData(new long[] { long.MaxValue, long.MaxValue })]
    [InlineData(new long[] { 0, long.MaxValue })]
    [InlineData(new long[] { 1, 1, 1, 1, 1, 1, 1, 1, 1 })]
    public void Absurd_shapes_are_refused(long[] shape)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new HostArray(DType.Float32, shape));
        Assert.Equal("shape", error.ParamName);
    }

    [Fact]
    public void A_wrong_number_of_values_is_refused() =>
        Assert.Throws<ArgumentException>("shape", () => HostArray.FromSpan<float>(new float[5], 2, 3));

    [Fact]
    public void Use_after_dispose_is_refused()
    {
        HostArray array = HostArray.Zeros(DType.Float32, 4);
        array.Dispose();
        array.Dispose();
        Assert.Throws<ObjectDisposedException>(() => array.AsSpan<float>().Length);
        Assert.Throws<ObjectDisposedException>(() => array.Bytes.Length);
        Assert.Throws<ObjectDisposedException>(() => (nint)array.Pointer);
    }
}
