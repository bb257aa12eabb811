using KernelSuite.Runtime;

namespace KernelSuite.Operations.Tests.Arrays;

/// <summary>Files that NumPy itself wrote; tests/golden/npy/make_npy.py makes them.</summary>
public sealed class NpyGoldenTests
{
    public static TheoryData<string> Accepted() => Named("accept_");

    public static TheoryData<string> Refused() => Named("refuse_");

    [Fact]
    public void Float16_bits_are_numpys()
    {
        using HostArray array = Read("accept_f2.npy");
        Assert.Equal([2, 5], array.Shape.AsSpan());
        ushort[] bits = [.. array.AsSpan<Half>().ToArray().Select(BitConverter.HalfToUInt16Bits)];
        Assert.Equal([0x0000, 0x8000, 0x0001, 0x83FF, 0x3C00, 0x3555, 0x7BFF, 0x7C00, 0xFC00, 0x7E00], bits);
    }

    [Fact]
    public void Float32_values_are_numpys()
    {
        using HostArray array = Read("accept_f4.npy");
        Assert.Equal([2, 3, 4], array.Shape.AsSpan());
        Assert.Equal(Enumerable.Range(0, 24).Select(i => i / 7f), array.AsSpan<float>().ToArray());
    }

    [Fact]
    public void Float64_values_are_numpys()
    {
        using HostArray array = Read("accept_f8.npy");
        double[] expected = [Math.PI, -0.0, double.Epsilon, double.MaxValue, double.PositiveInfinity, double.NegativeInfinity, double.NaN];
        Assert.Equal(expected.Select(BitConverter.DoubleToInt64Bits).SkipLast(1), array.AsSpan<double>().ToArray().Select(BitConverter.DoubleToInt64Bits).SkipLast(1));
        Assert.True(double.IsNaN(array.AsSpan<double>()[6]));
    }

    [Fact]
    public void Int32_values_are_numpys()
    {
        using HostArray array = Read("accept_i4.npy");
        Assert.Equal([int.MinValue, -1, 0, int.MaxValue], array.AsSpan<int>().ToArray());
    }

    [Theory]
    [InlineData("accept_scalar.npy", 1, new long[0])]
    [InlineData("accept_empty.npy", 1, new long[] { 3, 0, 5 })]
    [InlineData("accept_rank8.npy", 1, new long[] { 1, 2, 1, 1, 2, 1, 1, 1 })]
    [InlineData("accept_version2.npy", 2, new long[] { 2, 3 })]
    [InlineData("accept_version3.npy", 3, new long[] { 2, 3 })]
    public void Headers_are_read(string file, int version, long[] shape)
    {
        NpyHeader header = NpyFile.ReadHeader(Golden.Path("npy", file));
        Assert.Equal(version, header.Version);
        Assert.Equal(shape, header.Shape.AsSpan());
        Assert.Equal(0, header.DataOffset % 64);
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Writing_gives_numpys_bytes(string file)
    {
        // We always write version 1.0, so only such files can come back equal.
        byte[] original = File.ReadAllBytes(Golden.Path("npy", file));
        using HostArray array = Read(file);
        byte[] written = NpyBytes.Write(array);
        if (original[6] == 1) Assert.Equal(original, written);
        else Assert.NotEqual(original, written);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Unsupported_arrays_are_refused_with_the_way_out(string file)
    {
        NpyFormatException error = Assert.Throws<NpyFormatException>(() => Read(file));
        Assert.EndsWith(file, error.Path, StringComparison.Ordinal);
        Assert.NotEmpty(error.NextStep);
        Assert.Contains(error.Expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("refuse_big_endian.npy", "astype('<f4')")]
    [InlineData("refuse_fortran.npy", "ascontiguousarray")]
    [InlineData("refuse_object.npy", "Python objects")]
    [InlineData("refuse_structured.npy", "structured dtype")]
    [InlineData("refuse_structured_unicode.npy", "non-ASCII")]
    [InlineData("refuse_bool.npy", "|b1")]
    [InlineData("refuse_int64.npy", "<i8")]
    [InlineData("refuse_rank9.npy", "more than 8 axes")]
    public void The_message_names_the_cause(string file, string word) =>
        Assert.Contains(word, Assert.Throws<NpyFormatException>(() => Read(file)).Message, StringComparison.Ordinal);

    private static HostArray Read(string file) => NpyFile.Read(Golden.Path("npy", file));

    private static TheoryData<string> Named(string prefix)
    {
        string[] files = [.. Directory.GetFiles(Golden.Path("npy"), prefix + "*.npy").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
        Assert.True(files.Length >= 5, $"Only {files.Length} golden files begin with {prefix}.");
        return [.. files];
    }
}
