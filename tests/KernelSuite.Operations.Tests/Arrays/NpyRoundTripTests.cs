using KernelSuite.Runtime;

namespace KernelSuite.Operations.Tests.Arrays;

public sealed class NpyRoundTripTests
{
    public static TheoryData<DType, long[]> Shapes()
    {
        var data = new TheoryData<DType, long[]>();
        foreach (DType dtype in new[] { DType.Float16, DType.Float32, DType.Float64, DType.Int32 })
        {
            foreach (long[] shape in new long[][] { [], [0], [1], [17], [2, 0, 3], [2, 3], [1, 2, 3, 4], [1, 1, 2, 1, 1, 2, 1, 1] })
                data.Add(dtype, shape);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void What_is_written_is_read_back_bit_for_bit(DType dtype, long[] shape)
    {
        using var array = new HostArray(dtype, shape);
        new Random(1).NextBytes(array.Bytes);
        byte[] file = NpyBytes.Write(array);
        Assert.Equal(0, (file.Length - array.ByteLength) % 64);
        using HostArray back = NpyBytes.Read(file);
        Assert.Equal(dtype, back.DType);
        Assert.Equal(shape, back.Shape.AsSpan());
        Assert.True(array.Bytes.SequenceEqual(back.Bytes));
    }

    [Fact]
    public void Every_float16_pattern_survives()
    {
        using HostArray array = HostArray.Zeros(DType.Float16, 65536);
        Span<Half> values = array.AsSpan<Half>();
        for (int bits = 0; bits < values.Length; bits++) values[bits] = BitConverter.UInt16BitsToHalf((ushort)bits);
        using HostArray back = NpyBytes.Read(NpyBytes.Write(array));
        ReadOnlySpan<Half> read = back.AsSpan<Half>();
        for (int bits = 0; bits < read.Length; bits++) Assert.Equal(bits, BitConverter.HalfToUInt16Bits(read[bits]));
    }

    [Fact]
    public void More_than_one_chunk_is_read_and_written()
    {
        using HostArray array = HostArray.Zeros(DType.Float64, (2 << 20) + 3);
        new Random(2).NextBytes(array.Bytes);
        using HostArray back = NpyBytes.Read(NpyBytes.Write(array));
        Assert.True(array.Bytes.SequenceEqual(back.Bytes));
    }

    [Fact]
    public void A_stream_is_read_from_its_position()
    {
        byte[] file = NpyBytes.Make();
        var stream = new MemoryStream([1, 2, 3, .. file]) { Position = 3 };
        using HostArray array = NpyFile.Read(stream);
        Assert.Equal([2, 3], array.Shape.AsSpan());
    }

    [Fact]
    public void Bfloat16_is_refused_by_name()
    {
        using HostArray array = HostArray.Zeros(DType.BFloat16, 2);
        ArgumentException error = Assert.Throws<ArgumentException>("array", () => NpyBytes.Write(array));
        Assert.Contains("bfloat16", error.Message, StringComparison.Ordinal);
    }
}
