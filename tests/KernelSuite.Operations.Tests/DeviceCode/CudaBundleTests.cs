using System.Buffers.Binary;
using System.Text;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Tests.DeviceCode;

public sealed class CudaBundleTests
{
    [Fact]
    public void A_program_is_found_by_name_and_options_and_its_image_read()
    {
        CudaBundle bundle = BundleMaker.Read(BundleMaker.Bundle(BundleMaker.Index()));
        ProgramImages images = bundle.Find(BundleMaker.Program, BundleMaker.Options)!;
        Assert.Equal(["sm_80"], images.Targets);
        Assert.Equal("nvcc 11.8.89", images.Compiler);
        Assert.Equal(BundleMaker.Cubin, Encoding.UTF8.GetString(images.Read("sm_80").Span));
        Assert.Contains("sm_80", Assert.Throws<ArgumentException>("target", () => images.Read("sm_90")).Message, StringComparison.Ordinal);
        Assert.Null(bundle.Find(BundleMaker.Program, "-DB=2 -DA=1"));
        Assert.Null(bundle.Find("family/other.cu", BundleMaker.Options));
    }

    [Fact]
    public void A_kernel_has_its_resources_and_occupancy()
    {
        KernelResources kernel = Assert.Single(Assert.Single(BundleMaker.Read(BundleMaker.Bundle(BundleMaker.Index())).Programs).Kernels);
        Assert.Equal((BundleMaker.Program, BundleMaker.Options, "k", "sm_80"), (kernel.Program, kernel.Options, kernel.Kernel, kernel.Target));
        Assert.Equal((40, 1024, 0, 0, 360, 128), (kernel.Registers, kernel.SharedBytes, kernel.StackBytes, kernel.SpillBytes, kernel.ConstantBytes, kernel.MaxThreads));
        Assert.Equal((12, 48, OccupancyLimit.Registers), (kernel.Occupancy!.Blocks, kernel.Occupancy.Warps, kernel.Occupancy.Limit));
        Assert.Null(Assert.Single(BundleMaker.Read(BundleMaker.Bundle(BundleMaker.Index(threads: "0"))).Programs[0].Kernels).Occupancy);
    }

    public static TheoryData<string, string> Damaged() => new()
    {
        { "{}", "not one that this version reads" },
        { "[", "not one that this version reads" },
        { BundleMaker.Index(schema: "2"), "schema 2" },
        { BundleMaker.Index(file: "../kernel.cubin"), "plain name" },
        { BundleMaker.Index(file: "/etc/passwd"), "plain name" },
        { BundleMaker.Index(file: "a\\\\b"), "plain name" },
        { BundleMaker.Index(file: ".."), "plain name" },
        { BundleMaker.Index(file: ""), "plain name" },
        { BundleMaker.Index(source: "../kernel.cu"), "not a path below kernels/" },
        { BundleMaker.Index(source: "/kernel.cu"), "not a path below kernels/" },
        { BundleMaker.Index(source: "a\\\\b.cu"), "not a path below kernels/" },
        { BundleMaker.Index(target: "sm_x"), "not a target" },
        { BundleMaker.Index(target: "../sm_80"), "not a target" },
        { BundleMaker.Index(bytes: "-1"), "\"bytes\" is -1" },
        { BundleMaker.Index(bytes: "1000000000"), "\"bytes\" is 1000000000" },
        { BundleMaker.Index(bytes: "99999999999"), "not one that this version reads" },
        { BundleMaker.Index(hash: "abc"), "not a SHA-256" },
        { BundleMaker.Index(registers: "256"), "\"registers\" is 256" },
        { BundleMaker.Index(registers: "-1"), "\"registers\" is -1" },
        { BundleMaker.Index(threads: "2048"), "\"max_threads\" is 2048" },
        { BundleMaker.Index(registers: "\"many\""), "not one that this version reads" },
        { BundleMaker.Index(compiler: new string('x', 5000)), "at most 4096 characters" },
        { BundleMaker.Index(programs: ", *"), "listed twice" },
    };

    [Theory]
    [MemberData(nameof(Damaged))]
    public void A_bundle_with_an_index_out_of_bounds_is_refused(string index, string words)
    {
        CudaBundleException error = Assert.Throws<CudaBundleException>(() => BundleMaker.Read(BundleMaker.Bundle(index)));
        Assert.Equal(CudaBundleFault.Malformed, error.Fault);
        Assert.Equal("test.zip", error.Bundle);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bundle_cut_at_any_place_is_refused()
    {
        byte[] zip = BundleMaker.Bundle(BundleMaker.Index());
        for (int length = 0; length < zip.Length; length += 7)
            Assert.Equal(CudaBundleFault.Malformed, Assert.Throws<CudaBundleException>(() => ReadAll(zip[..length])).Fault);
    }

    [Fact]
    public void A_bit_flipped_anywhere_is_refused_or_changes_nothing()
    {
        byte[] sound = BundleMaker.Bundle(BundleMaker.Index());
        for (int at = 0; at < sound.Length; at += 3)
        {
            byte[] zip = [.. sound];
            zip[at] ^= 0x10;
            try
            {
                Assert.Equal(BundleMaker.Cubin, ReadAll(zip));
            }
            catch (CudaBundleException error)
            {
                Assert.Equal(CudaBundleFault.Malformed, error.Fault);
            }
        }
    }

    [Fact]
    public void An_image_that_is_not_what_the_index_says_is_refused()
    {
        Refused("hash", BundleMaker.Zip(BundleMaker.Index(), ("kernel.sm_80.cubin", "machine cold")));
        Refused("14 bytes", BundleMaker.Zip(BundleMaker.Index(), ("kernel.sm_80.cubin", BundleMaker.Cubin + "++")));
        Refused("11 bytes", BundleMaker.Zip(BundleMaker.Index(), ("kernel.sm_80.cubin", BundleMaker.Cubin[1..])));
        Refused("no 'kernel.sm_80.cubin'", BundleMaker.Zip(BundleMaker.Index()));
        Refused("no 'index.json'", BundleMaker.Zip(null, ("kernel.sm_80.cubin", BundleMaker.Cubin)));
    }

    [Fact]
    public void An_index_too_large_to_read_is_refused() =>
        Refused("at most", BundleMaker.Zip(new string(' ', CudaBundle.MaxIndexBytes + 1)));

    [Fact]
    public void A_directory_that_lies_about_a_size_is_refused()
    {
        // The index is stored as 4 GiB - 1, or as less than it is, in the archive's directory.
        byte[] zip = BundleMaker.Bundle(BundleMaker.Index());
        int entry = zip.AsSpan().IndexOf("PK\u0001\u0002"u8);
        foreach (uint lie in new[] { uint.MaxValue - 1, 10u })
        {
            BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(entry + 24), lie);
            Assert.Throws<CudaBundleException>(() => ReadAll(zip));
        }
    }

    [Fact]
    public void The_checksum_is_that_of_zip_archives() => Assert.Equal(0xCBF43926u, ZipCrc.Of("123456789"u8));

    [Fact]
    public void What_is_not_a_bundle_is_refused()
    {
        Refused("cannot be read", Encoding.UTF8.GetBytes("not a zip"));
        string path = Path.GetTempFileName();
        try
        {
            Assert.Contains(path, Assert.Throws<CudaBundleException>(() => CudaBundle.Open(path)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Throws<FileNotFoundException>(() => CudaBundle.Open(path));
    }

    private static void Refused(string words, byte[] zip) =>
        Assert.Contains(words, Assert.Throws<CudaBundleException>(() => ReadAll(zip)).Message, StringComparison.Ordinal);

    private static string ReadAll(byte[] zip) =>
        Encoding.UTF8.GetString(BundleMaker.Read(zip).Find(BundleMaker.Program, BundleMaker.Options)!.Read("sm_80").Span);
}
