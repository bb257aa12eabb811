namespace KernelSuite.Runtime.Tests.Devices;

public class DeviceCatalogTests
{
    [Fact]
    public void Cuda_comes_before_all() =>
        Assert.Equal("cuda:0", Chosen(Info("cpu", -1, DeviceKind.Cpu), Info("opencl", 0, DeviceKind.Gpu), Info("cuda", 0, DeviceKind.Gpu), Info("cuda", 1, DeviceKind.Gpu)));

    [Fact]
    public void An_opencl_gpu_comes_before_the_cpu() =>
        Assert.Equal("opencl:1", Chosen(Info("opencl", 0, DeviceKind.Cpu), Info("cpu", -1, DeviceKind.Cpu), Info("opencl", 1, DeviceKind.Gpu)));

    [Theory]
    [InlineData(DeviceKind.Cpu)]
    [InlineData(DeviceKind.Accelerator)]
    public void Other_opencl_devices_are_never_chosen_by_themselves(DeviceKind kind) =>
        Assert.Equal("cpu", Chosen(Info("opencl", 0, kind), Info("cpu", -1, DeviceKind.Cpu)));

    [Fact]
    public void The_reason_names_the_device() =>
        Assert.Contains("cpu chosen", DeviceCatalog.Choose([Info("cpu", -1, DeviceKind.Cpu)]).Reason, StringComparison.Ordinal);

    [Fact]
    public void Nothing_to_choose_from_is_an_error() =>
        Assert.Throws<DeviceUnavailableException>(() => DeviceCatalog.Choose([Info("opencl", 0, DeviceKind.Cpu)]));

    [Fact]
    public void An_unknown_backend_is_an_argument_error_that_lists_the_known_ones()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Device.Open("vulkan:0"));
        Assert.Contains("cpu, opencl", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_index_names_what_was_found_and_carries_the_trace()
    {
        DeviceUnavailableException error = Assert.Throws<DeviceUnavailableException>(() => Device.Open("opencl:999"));
        Assert.Contains("'opencl:999' is not here", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Trace.Attempts);
        Assert.Contains(error.Trace.Attempts[0].Target, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Auto_opens_what_the_rule_chooses()
    {
        using Device device = Device.Open();
        Assert.Equal(DeviceCatalog.Default.Choose().Device.Id, device.Info.Id);
    }

    private static string Chosen(params DeviceInfo[] devices) => DeviceCatalog.Choose(devices).Device.Id.ToString();

    private static DeviceInfo Info(string backend, int index, DeviceKind kind) =>
        new() { Id = new DeviceId(backend, index), Kind = kind, Language = DeviceLanguage.Managed, Name = "test" };
}
