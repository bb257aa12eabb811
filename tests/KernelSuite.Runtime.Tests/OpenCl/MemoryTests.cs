using KernelSuite.Tests;

namespace KernelSuite.Runtime.Tests.OpenCl;

public class MemoryTests
{
    public static TheoryData<string> Devices => TestDevices.OpenCl;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void One_byte_above_the_largest_allocation_is_out_of_memory_with_the_numbers(string id)
    {
        Device device = TestDevices.Shared(id);
        long most = device.Info.MaxAllocationBytes;
        DeviceOutOfMemoryException error = Assert.Throws<DeviceOutOfMemoryException>(() => device.Allocate<byte>(most + 1));
        Assert.Equal(most + 1, error.RequestedBytes);
        Assert.Equal(most, error.AvailableBytes);
        Assert.Contains($"{most:N0}", error.Message, StringComparison.Ordinal);
        Assert.Contains("CL_DEVICE_MAX_MEM_ALLOC_SIZE", error.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Many_large_buffers_run_out_instead_of_being_promised_for_ever(string id)
    {
        using Device device = TestDevices.Open(id);
        Skip.If(device.Info.Kind != DeviceKind.Cpu, $"{id} is no CPU: its driver keeps count of its own memory.");
        var kept = new List<DeviceBuffer<byte>>();
        long each = device.Info.MaxAllocationBytes;
        long most = device.Info.GlobalMemoryBytes / each;
        try
        {
            // Nothing is touched, so the machine does not have to have it.
            DeviceOutOfMemoryException error = Assert.Throws<DeviceOutOfMemoryException>(() =>
            {
                for (long i = 0; i <= most; i++) kept.Add(device.Allocate<byte>(each));
            });
            Assert.Equal(each, error.RequestedBytes);
            Assert.InRange(error.AvailableBytes, 0, each - 1);
        }
        finally
        {
            kept.ForEach(buffer => buffer.Dispose());
        }

        using DeviceBuffer<byte> again = device.Allocate<byte>(1 << 20);
        Assert.InRange(device.QueryMemory().Free, 1, device.QueryMemory().Total);
    }
}
