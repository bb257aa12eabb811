using KernelSuite.Runtime;

namespace KernelSuite.Operations.Tests.Arrays;

public sealed class NpyWriteTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ksuite-npy-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_file_is_written_and_replaced()
    {
        string path = Path.Combine(folder, "a.npy");
        foreach (int length in new[] { 7, 3 })
        {
            using HostArray array = HostArray.FromSpan<int>([.. Enumerable.Range(0, length)]);
            NpyFile.Write(path, array);
            using HostArray back = NpyFile.Read(path);
            Assert.Equal(Enumerable.Range(0, length), back.AsSpan<int>().ToArray());
        }

        Assert.Equal([path], Directory.GetFiles(folder));
    }

    [Fact]
    public void A_cancelled_write_leaves_the_older_file_and_nothing_else()
    {
        string path = Path.Combine(folder, "a.npy");
        using HostArray array = HostArray.Zeros(DType.Float32, 5);
        NpyFile.Write(path, array);
        byte[] older = File.ReadAllBytes(path);
        using HostArray newer = HostArray.Zeros(DType.Float32, 9);
        Assert.Throws<OperationCanceledException>(() => NpyFile.Write(path, newer, new CancellationToken(canceled: true)));
        Assert.Equal(older, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(folder));
    }

    [Fact]
    public void A_failed_write_leaves_nothing()
    {
        string path = Path.Combine(folder, "a.npy");
        Assert.Throws<InvalidDataException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("half of it"u8);
            throw new InvalidDataException();
        }));
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public void A_refused_dtype_creates_no_file()
    {
        using HostArray array = HostArray.Zeros(DType.BFloat16, 5);
        Assert.Throws<ArgumentException>("array", () => NpyFile.Write(Path.Combine(folder, "a.npy"), array));
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public void A_missing_folder_is_an_io_error()
    {
        using HostArray array = HostArray.Zeros(DType.Float32, 5);
        Assert.Throws<DirectoryNotFoundException>(() => NpyFile.Write(Path.Combine(folder, "no", "a.npy"), array));
    }

    [SkippableFact]
    public void A_link_is_followed()
    {
        Skip.If(OperatingSystem.IsWindows(), "Making a symbolic link on Windows needs a privilege.");
        string target = Path.Combine(folder, "target.npy");
        string link = Path.Combine(folder, "link.npy");
        using HostArray array = HostArray.Zeros(DType.Float32, 5);
        NpyFile.Write(target, array);
        File.CreateSymbolicLink(link, "target.npy");
        using HostArray newer = HostArray.Zeros(DType.Float32, 9);
        NpyFile.Write(link, newer);
        Assert.Equal(9, NpyFile.ReadHeader(target).Length);
        Assert.NotNull(new FileInfo(link).LinkTarget);
    }

    [SkippableFact]
    public void A_device_is_written_and_not_replaced()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "/dev/null is Linux's.");
        using HostArray array = HostArray.Zeros(DType.Float32, 5);
        NpyFile.Write("/dev/null", array);
        Assert.Empty(File.ReadAllBytes("/dev/null"));
    }
}
