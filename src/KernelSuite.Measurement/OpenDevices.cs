using System.Collections;
using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>The devices of a request, opened together and closed together.</summary>
internal sealed class OpenDevices : IReadOnlyList<Device>, IDisposable
{
    private readonly List<Device> devices = [];

    public OpenDevices(SuiteRequest request)
    {
        try
        {
            foreach (DeviceInfo info in request.Devices) devices.Add(request.Catalog.Open(info));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Count => devices.Count;

    public Device this[int index] => devices[index];

    public IEnumerator<Device> GetEnumerator() => devices.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        foreach (Device device in devices) device.Dispose();
    }
}
