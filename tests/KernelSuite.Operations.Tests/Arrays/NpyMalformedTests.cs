using System.Buffers.Binary;

namespace KernelSuite.Operations.Tests.Arrays;

public sealed class NpyMalformedTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_undamaged_file_is_read(int version)
    {
        using HostArray array = NpyBytes.Read(NpyBytes.Make(version: version));
        Assert.Equal([2, 3], array.Shape.AsSpan());
    }

    [Theory]
    [InlineData("{\"shape\":(2,3),\"descr\":\"<f4\",\"fortran_order\":False}")]
    [InlineData("  { 'shape' : ( 2 , 3 , ) , 'fortran_order' : False , 'descr' : '<f4' }   ")]
    public void Other_spellings_of_the_same_dictionary_are_read(string header)
    {
        using HostArray array = NpyBytes.Read(NpyBytes.Make(header));
        Assert.Equal([2, 3], array.Shape.AsSpan());
    }

    [Theory]
    [InlineData("", "end of the header")]
    [InlineData("[]", "dictionary literal")]
    [InlineData("{}", "no key 'descr'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False}", "no key 'shape'")]
    [InlineData("{'descr': '<f4', 'shape': (2, 3)}", "no key 'fortran_order'")]
    [InlineData("{'fortran_order': False, 'shape': (2, 3)}", "no key 'descr'")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", "'descr' twice")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'shape': (2, 3)}", "'shape' twice")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'more': 1}", "unknown key 'more'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)", "',' or '}'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} x", "after the dictionary")]
    [InlineData("{'descr': '<f4' 'fortran_order': False, 'shape': (2, 3)}", "',' or '}'")]
    [InlineData("{'descr' '<f4', 'fortran_order': False, 'shape': (2, 3)}", "':' after the key")]
    [InlineData("{'descr': '<f4", "closing quote")]
    [InlineData("{'descr': '<f\\x34', 'fortran_order': False, 'shape': (2, 3)}", "escapes")]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3)}", "True or False")]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3)}", "Fortran")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2, 3)}", "Python objects")]
    [InlineData("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2, 3)}", "structured dtype")]
    [InlineData("{'descr': '|f4', 'fortran_order': False, 'shape': (2, 3)}", "byte order")]
    [InlineData("{'descr': 'f4', 'fortran_order': False, 'shape': (2, 3)}", "byte order")]
    [InlineData("{'descr': '>f8', 'fortran_order': False, 'shape': (2, 3)}", "big-endian")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, -3)}", "negative")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (6)}", "(6,)")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': [2, 3]}", "tuple")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 3L)}", "Python 2")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 03)}", "leading zero")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2.0, 3)}", "',' or ')'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,, 3)}", "whole number")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (,)}", "whole number")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (65536, 65536)}", "more than 2,147,483,647 elements")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999999999, 999999999999999999)}", "elements")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 999999999999999999)}", "elements")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999999999,)}", "beyond any memory")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1, 6)}", "more than 8 axes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'größe': (2, 3)}", "non-ASCII")]
    public void A_bad_dictionary_is_refused(string header, string word)
    {
        NpyFormatException error = Assert.Throws<NpyFormatException>(() => NpyBytes.Read(NpyBytes.Make(header)));
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
        Assert.Equal("test.npy", error.Path);
    }

    [Fact]
    public void Every_prefix_of_a_file_is_refused()
    {
        byte[] file = NpyBytes.Make();
        for (int length = 0; length < file.Length; length++)
            Assert.Throws<NpyFormatException>(() => NpyBytes.Read(file[..length]));
    }

    [Fact]
    public void Trailing_bytes_are_refused()
    {
        NpyFormatException error = Assert.Throws<NpyFormatException>(() => NpyBytes.Read([.. NpyBytes.Make(), 0]));
        Assert.Contains("25 bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains("follow the array", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_magic_is_refused()
    {
        byte[] file = NpyBytes.Make();
        file[5] ^= 1;
        Assert.Contains("magic", Assert.Throws<NpyFormatException>(() => NpyBytes.Read(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_npz_archive_is_named() =>
        Assert.Contains("zip", Assert.Throws<NpyFormatException>(() => NpyBytes.Read([.. "PK\u0003\u0004 and more bytes"u8])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(4, 0)]
    [InlineData(255, 0)]
    [InlineData(1, 1)]
    public void Another_version_is_refused(int major, int minor)
    {
        byte[] file = NpyBytes.Make();
        (file[6], file[7]) = ((byte)major, (byte)minor);
        Assert.Contains($"version {major}.{minor}", Assert.Throws<NpyFormatException>(() => NpyBytes.Read(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_past_the_end_is_refused()
    {
        byte[] file = NpyBytes.Make();
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(8), 60000);
        Assert.Contains("header length", Assert.Throws<NpyFormatException>(() => NpyBytes.Read(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(0x8000_0000u)]
    [InlineData((uint)NpyFile.MaxHeaderBytes + 1)]
    public void An_absurd_header_length_is_refused_without_allocating(uint length)
    {
        byte[] file = NpyBytes.Make(version: 2);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(8), length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("a header of", Assert.Throws<NpyFormatException>(() => NpyBytes.Read(file)).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void A_claim_of_gigabytes_is_refused_before_they_are_allocated()
    {
        byte[] file = NpyBytes.Make("{'descr': '<f8', 'fortran_order': False, 'shape': (2147483647,), }");

        // The peak: an array that was made and given up again leaves nothing else.
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        long before = process.PeakVirtualMemorySize64;
        NpyFormatException error = Assert.Throws<NpyFormatException>(() => NpyBytes.Read(file));
        Assert.Contains("exactly 17,179,869,176", error.Message, StringComparison.Ordinal);
        process.Refresh();
        Assert.InRange(process.PeakVirtualMemorySize64 - before, 0, 8L << 30);
    }

    [Fact]
    public void A_stream_without_a_length_is_refused()
    {
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.In);
        Assert.Contains("pipe", Assert.Throws<NpyFormatException>(() => NpyFile.Read(pipe)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_shrinks_while_it_is_read_is_refused()
    {
        using var stream = new ShortStream(NpyBytes.Make());
        Assert.Contains("cut short", Assert.Throws<NpyFormatException>(() => NpyFile.Read(stream)).Message, StringComparison.Ordinal);
    }

    /// <summary>Claims one more length than it delivers.</summary>
    private sealed class ShortStream(byte[] bytes) : MemoryStream(bytes[..^4])
    {
        public override long Length => base.Length + 4;
    }
}
