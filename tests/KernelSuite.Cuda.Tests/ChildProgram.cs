using KernelSuite.Runtime;
using KernelSuite.Runtime.Cuda;

namespace KernelSuite.Cuda.Tests;

/// <summary>What this assembly does as a child process: see <see cref="KernelSuite.Tests.ChildProcess"/>.</summary>
internal static class ChildProgram
{
    /// <summary>Entry point of the child.</summary>
    public static int Main(string[] args)
    {
        switch (args.FirstOrDefault())
        {
            case "probe":
                BackendProbe probe = new CudaBackend().Probe();
                Console.WriteLine($"devices: {probe.Devices.Count}, absent: {probe.IsAbsent}");
                Console.WriteLine(probe.Trace);
                return 0;
            case "abandon":
                Abandon();
                Console.WriteLine("abandoned");
                return 0;
            default:
                Console.Error.WriteLine("Run the tests with 'dotnet test'. As a child process: probe | abandon.");
                return 64;
        }
    }

    /// <summary>Leaves everything open with work in flight, as a program does that ends in a hurry.</summary>
    private static void Abandon()
    {
        Device device = Device.Open("cuda:0");
        DeviceStream stream = device.CreateStream();
        DeviceBuffer<float> buffer = device.Allocate<float>(1 << 10);
        HostBuffer<float> host = device.AllocateHost<float>(1 << 10);
        DeviceKernel kernel = device.BuildProgram(FakePrograms.Source).CreateKernel("axpy");
        kernel.SetBuffer(0, buffer.Memory);
        kernel.SetBuffer(1, buffer.Memory);
        kernel.SetValue(2, 1f);
        kernel.SetValue(3, 1 << 10);
        for (int i = 0; i < 16; i++)
        {
            stream.WriteAsync(host, buffer);
            stream.Launch(kernel, new LaunchShape(4, ItemsX: 256));
            stream.ReadAsync(buffer, host);
        }

        stream.Flush();
    }
}
