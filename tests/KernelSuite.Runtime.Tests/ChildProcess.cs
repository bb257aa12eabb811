using System.Diagnostics;
using KernelSuite.Runtime;
using KernelSuite.Runtime.OpenCl;

namespace KernelSuite.Runtime.Tests;

/// <summary>
/// Runs a piece of this assembly in a process of its own: what depends on the environment at first use of the ICD loader, or on
/// how a process ends, cannot be tested inside the test host.
/// </summary>
internal static class ChildProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Entry point of the child.</summary>
    public static int Main(string[] args)
    {
        switch (args.FirstOrDefault())
        {
            case "probe":
                BackendProbe probe = new OpenClBackend().Probe();
                Console.WriteLine($"devices: {probe.Devices.Count}");
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

    /// <summary>Runs the child and gives its exit code and output.</summary>
    public static (int ExitCode, string Output) Run(string verb, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Host()) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        start.ArgumentList.Add(verb);
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        Task<string> output = child.StandardOutput.ReadToEndAsync();
        if (!child.WaitForExit(Patience))
        {
            child.Kill(entireProcessTree: true);
            Assert.Fail($"The child '{verb}' did not end within {Patience}.");
        }

        return (child.ExitCode, output.Result + errors.Result);
    }

    private static string Host()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path) return path;
        return Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";
    }

    /// <summary>Leaves everything open with work in flight, as a program does that ends in a hurry.</summary>
    private static void Abandon()
    {
        Device device = Device.Open("opencl:0");
        DeviceStream stream = device.CreateStream();
        DeviceBuffer<float> buffer = device.Allocate<float>(1 << 20);
        HostBuffer<float> host = device.AllocateHost<float>(1 << 20);
        DeviceKernel kernel = device.BuildProgram(TestKernels.Axpy).CreateKernel("axpy");
        kernel.SetBuffer(0, buffer.Memory);
        kernel.SetBuffer(1, buffer.Memory);
        kernel.SetValue(2, 1f);
        kernel.SetValue(3, 1 << 20);
        for (int i = 0; i < 16; i++)
        {
            stream.WriteAsync(host, buffer);
            stream.Launch(kernel, new LaunchShape(1 << 14, ItemsX: 64));
            stream.ReadAsync(buffer, host);
        }

        stream.Flush();
    }
}
