namespace KernelSuite.Runtime.Tests.Devices;

public class DeviceIdTests
{
    [Theory]
    [InlineData("cpu", "cpu", -1)]
    [InlineData("CPU", "cpu", -1)]
    [InlineData("opencl:0", "opencl", 0)]
    [InlineData("OpenCL:12", "opencl", 12)]
    [InlineData("cuda:2147483647", "cuda", int.MaxValue)]
    public void Well_formed_ids_are_read(string text, string backend, int index)
    {
        DeviceId id = DeviceId.Parse(text);
        Assert.Equal(backend, id.Backend);
        Assert.Equal(index, id.Index);
        Assert.Equal(id, DeviceId.Parse(id.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData(":0")]
    [InlineData("opencl:")]
    [InlineData("opencl:-1")]
    [InlineData("opencl:+1")]
    [InlineData("opencl: 1")]
    [InlineData("opencl:1.0")]
    [InlineData("opencl:0:0")]
    [InlineData("opencl:2147483648")]
    [InlineData("open cl:0")]
    [InlineData("gerät")]
    [InlineData("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz")]
    public void Malformed_ids_are_refused_by_name(string text)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => DeviceId.Parse(text));
        Assert.Contains($"'{text}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("opencl:0", error.Message, StringComparison.Ordinal);
    }
}
