using KernelSuite.KvCache.Decoding;
using KernelSuite.Operations;

namespace KernelSuite.KvCache.Tests.Decoding;

public class SafetensorsFileTests
{
    public static TheoryData<string, string> Malformed => new()
    {
        { "", "does not begin" },
        { " {}", "does not begin" },
        { "[]", "does not begin" },
        { "{", "not JSON" },
        { "{}x", "not JSON" },
        { "{}{}", "not JSON" },
        { "{}\0", "not JSON" },
        { "{} {}", "not JSON" },
        { """{"a":1}""", "Number as tensor 'a'" },
        { """{"a":null}""", "Null as tensor 'a'" },
        { """{"a":{}}""", "without dtype" },
        { """{"a":{"dtype":"F32"}}""", "without shape" },
        { """{"a":{"dtype":"F32","shape":[]}}""", "without data_offsets" },
        { Tensor("F32", "[2]", "[0,8]", ",\"more\":1"), "the key 'more'" },
        { Tensor("F32", "[2]", "[0,8]", ",\"shape\":[2]"), "the key 'shape'" },
        { Tensor("f32", "[2]", "[0,8]"), "dtype 'f32'" },
        { Tensor("F4", "[20]", "[0,10]"), "dtype 'F4'" },
        { Tensor("", "[2]", "[0,8]"), "dtype ''" },
        { """{"a":{"dtype":32,"shape":[2],"data_offsets":[0,8]}}""", "Number as dtype" },
        { Tensor("F32", "2", "[0,8]"), "Number as shape" },
        { Tensor("F32", "[-2]", "[0,8]"), "shape of tensor 'a' that is not a number from 0" },
        { Tensor("F32", "[2.0]", "[0,8]"), "shape of tensor 'a' that is not" },
        { Tensor("F32", "[2e0]", "[0,8]"), "shape of tensor 'a' that is not" },
        { Tensor("F32", "[\"2\"]", "[0,8]"), "shape of tensor 'a' that is not" },
        { Tensor("F32", "[[2]]", "[0,8]"), "shape of tensor 'a' that is not" },
        { Tensor("F32", "[99999999999999999999]", "[0,8]"), "shape of tensor 'a' that is not" },
        { Tensor("F32", "[4294967296,4294967296]", "[0,8]"), "beyond 2^63" },
        { Tensor("F32", "[2305843009213693952]", "[0,8]"), "beyond 2^63" },
        { Tensor("F32", "[0,4294967296,4294967296]", "[0,8]"), "8 bytes" },
        { Tensor("F32", "[1,1,1,1,1,1,1,1,2]", "[0,8]"), "more than 8 entries" },
        { Tensor("F32", "[3]", "[0,8]"), "8 bytes; expected 12" },
        { Tensor("F32", "[2]", "[8,0]"), "begin not behind end" },
        { Tensor("F32", "[2]", "[-8,0]"), "data_offsets of tensor 'a' that is not" },
        { Tensor("F32", "[2]", "[0]"), "1 data_offsets" },
        { Tensor("F32", "[2]", "[0,8,16]"), "more than 2 entries" },
        { Tensor("F32", "[2]", "[9223372036854775799,9223372036854775807]"), "that ends at" },
        { Tensor("F32", "[2]", "[1,9]"), "data offset 1" },
        { Tensor("F32", "[2]", "[0,8]"), "10 bytes of data; expected exactly 8" },
        { Tensor("F32", "[3]", "[0,12]"), "10 bytes of data; expected exactly 12" },
        { Tensor("F32", "[250000000000]", "[0,1000000000000]"), "expected exactly 1000000000000" },
        { """{"a":{"dtype":"U8","shape":[10],"data_offsets":[0,10]},"b":{"dtype":"U8","shape":[2],"data_offsets":[8,10]}}""", "data offset 8" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[6,10]}}""", "data offset 6" },
        { """{"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]},"a":{"dtype":"U8","shape":[5],"data_offsets":[5,10]}}""", "'a' twice" },
        { """{"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]},"\u0061":{"dtype":"U8","shape":[5],"data_offsets":[5,10]}}""", "'a' twice" },
        { """{"\ud800":{"dtype":"U8","shape":[10],"data_offsets":[0,10]}}""", "not JSON" },
        { """{"__metadata__":[]}""", "StartArray as __metadata__" },
        { """{"__metadata__":{"a":1}}""", "Number as __metadata__ entry" },
        { """{"__metadata__":{"a":"1","a":"2"}}""", "key 'a' twice" },
        { """{"__metadata__":{},"__metadata__":{}}""", "'__metadata__' twice" },
        { """{"a":{"dtype":"U8","shape":[[[[1]]]],"data_offsets":[0,10]}}""", "that is not" },
        { "{\"" + new string('x', 500) + "\":1}", "xxx…" },
    };

    [Fact]
    public void A_sound_file_gives_its_tensors()
    {
        _ = SafetensorsBytes.With(SafetensorsBytes.Make(SafetensorsBytes.Sound + "     "), path =>
        {
            using var file = SafetensorsFile.Open(path);
            Assert.Equal("pt", file.Metadata["format"]);
            Assert.Equal(["a", "b"], file.Tensors.Keys.Order());
            float[] a = new float[2], b = new float[1], last = new float[1];
            file.Read(file.Tensors["a"], 0, a);
            file.Read(file.Tensors["a"], 1, last);
            file.Read(file.Tensors["b"], 0, b);
            Assert.Equal([BitConverter.UInt32BitsToSingle(0x04030201), BitConverter.UInt32BitsToSingle(0x08070605)], a);
            Assert.Equal(a[1], last[0]);
            Assert.Equal(BitConverter.UInt32BitsToSingle(0x0A090000), b[0]);
            Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(file.Tensors["a"], 1, a));
            Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(file.Tensors["a"], -1, last));
            Assert.Throws<ArgumentException>(() => file.Read(file.Tensors["a"] with { Offset = 0 }, 0, last));
            return 0;
        });
    }

    [Fact]
    public void Every_half_is_widened_exactly()
    {
        byte[] bytes = SafetensorsBytes.Make("""{"a":{"dtype":"F16","shape":[65536],"data_offsets":[0,131072]}}""", 131072);
        int start = bytes.Length - 131072;
        for (int i = 0; i < 65536; i++) BitConverter.TryWriteBytes(bytes.AsSpan(start + (2 * i)), (ushort)i);
        float[] read = SafetensorsBytes.With(bytes, path =>
        {
            using var file = SafetensorsFile.Open(path);
            float[] values = new float[65536];
            file.Read(file.Tensors["a"], 0, values);
            return values;
        });
        for (int i = 0; i < 65536; i++) Assert.Equal((float)BitConverter.UInt16BitsToHalf((ushort)i), read[i]);
    }

    [Fact]
    public void Other_dtypes_are_listed_and_refused_when_read()
    {
        string message = SafetensorsBytes.With(SafetensorsBytes.Make(Tensor("F8_E4M3", "[2,5]", "[0,10]")), path =>
        {
            using var file = SafetensorsFile.Open(path);
            Assert.Equal("2,5", string.Join(",", file.Tensors["a"].Shape));
            Assert.False(file.Tensors["a"].IsReadable);
            return Assert.Throws<NotSupportedException>(() => file.Read(file.Tensors["a"], 0, new float[10])).Message;
        });
        Assert.Contains("Expected F32, F16 or BF16", message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_header_is_refused_with_what_was_found(string header, string found) => Refused(SafetensorsBytes.Make(header), found);

    [Fact]
    public void A_header_length_that_does_not_fit_is_refused()
    {
        Refused([], "0 bytes");
        Refused([1, 2, 3, 4, 5, 6, 7], "7 bytes");
        Refused(SafetensorsBytes.Make(SafetensorsBytes.Sound, claimedLength: 100_000), "header length of 100000");
        Refused(SafetensorsBytes.Make(SafetensorsBytes.Sound, claimedLength: -1), "header length of 18446744073709551615");
        Refused(SafetensorsBytes.Make(SafetensorsBytes.Sound, claimedLength: long.MinValue), "header length of 9223372036854775808");
        Refused(SafetensorsBytes.Make(SafetensorsBytes.Sound, claimedLength: 5), "not JSON");
        Refused(SafetensorsBytes.Make([(byte)'{', 0xFF, (byte)'}']), "not UTF-8");
        Refused(SafetensorsBytes.Make(new byte[SafetensorsFile.MaxHeaderBytes + 1]), $"at most {SafetensorsFile.MaxHeaderBytes}");
    }

    [Fact]
    public void A_file_that_shrinks_under_the_reader_is_an_error_and_not_a_crash()
    {
        _ = SafetensorsBytes.With(SafetensorsBytes.Make(SafetensorsBytes.Sound), path =>
        {
            using var file = SafetensorsFile.Open(path);
            byte[] all = File.ReadAllBytes(path);
            using (FileStream stream = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) stream.SetLength(all.Length - 5);
            Assert.Throws<SafetensorsFormatException>(() => file.Read(file.Tensors["b"], 0, new float[1]));
            return 0;
        });
    }

    /// <summary>Bytes changed, removed, added, doubled: each file either opens, and then all its tensors can be read, or is refused with the one typed error.</summary>
    [Fact]
    public void Mutated_files_open_soundly_or_are_refused()
    {
        var random = new SeededRandom(20);
        byte[] sound = SafetensorsBytes.Make(SafetensorsBytes.Sound);
        string alphabet = "{}[]\",:0123456789-+.eEfalsnu\\ \0abdtFB";
        int opened = 0, refused = 0;
        string path = Path.GetTempFileName();
        try
        {
            for (int round = 0; round < 6000; round++)
            {
                var bytes = sound.ToList();
                int changes = 1 + (int)(random.NextBits() % 3);
                for (int c = 0; c < changes; c++)
                {
                    int at = (int)(random.NextBits() % (ulong)bytes.Count);
                    byte value = random.NextUniform() < 0.8 ? (byte)alphabet[(int)(random.NextBits() % (ulong)alphabet.Length)] : (byte)random.NextBits();
                    switch (random.NextBits() % 4)
                    {
                        case 0: bytes.RemoveAt(at); break;
                        case 1: bytes.Insert(at, value); break;
                        case 2: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(12, bytes.Count - at))); break;
                        default: bytes[at] = value; break;
                    }
                }

                File.WriteAllBytes(path, [.. bytes]);
                try
                {
                    using var file = SafetensorsFile.Open(path);
                    foreach (SafetensorsTensor tensor in file.Tensors.Values)
                        if (tensor.IsReadable) file.Read(tensor, 0, new float[tensor.ElementCount]);
                    opened++;
                }
                catch (SafetensorsFormatException error)
                {
                    Assert.Equal(path, error.Path);
                    Assert.InRange(error.Message.Length, 20, 1000);
                    refused++;
                }
            }
        }
        finally
        {
            File.Delete(path);
        }

        Assert.True(opened > 20 && refused > 3000, $"{opened} opened, {refused} refused: the mutations do not test both ways.");
    }

    private static string Tensor(string dtype, string shape, string offsets, string more = "") =>
        $$$"""{"a":{"dtype":"{{{dtype}}}","shape":{{{shape}}},"data_offsets":{{{offsets}}}{{{more}}}}}""";

    private static void Refused(byte[] bytes, string found)
    {
        SafetensorsFormatException error = SafetensorsBytes.With(bytes, path => Assert.Throws<SafetensorsFormatException>(() => SafetensorsFile.Open(path)));
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.NextStep);
    }
}
