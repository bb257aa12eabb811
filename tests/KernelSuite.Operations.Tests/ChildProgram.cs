using KernelSuite.Operations.Tests.Counters;
using KernelSuite.Operations.Tests.Simulated;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Tests;

/// <summary>
/// What this assembly does as a child process: under oclgrind, a simulator that reports races and stray accesses, or with instructions switched off.
/// </summary>
internal static class ChildProgram
{
    /// <summary>Entry point of the child.</summary>
    public static int Main(string[] args)
    {
        switch (args.FirstOrDefault())
        {
            case "simulate":
                return Simulate(args[1]);
            case "planted":
                return Plant(args[1]);
            case "widths":
                return VectorWidths.Run();
            default:
                Console.Error.WriteLine("Run the tests with 'dotnet test'. As a child process: simulate <family> | planted <kernel> | widths.");
                return 64;
        }
    }

    private static int Simulate(string family)
    {
        using Device device = Device.Open("opencl:0");
        Console.WriteLine($"device: {device.Info.Name}");
        return SimulatedCases.Run(device, family);
    }

    /// <summary>A kernel with a fault that the simulator must see; otherwise its silence about ours means nothing.</summary>
    private static int Plant(string fault)
    {
        string body = fault switch
        {
            "race" => "data[0] = get_local_id(0);",
            "bounds" => "data[get_local_id(0) + 1] = 1;",
            _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "Expected race or bounds."),
        };
        using Device device = Device.Open("opencl:0");
        using DeviceProgram program = device.BuildProgram(new ProgramSource("planted.cl", "kernel void planted(global int* data) { " + body + " }"));
        using DeviceKernel kernel = program.CreateKernel("planted");
        using DeviceStream stream = device.CreateStream();
        using DeviceBuffer<int> buffer = device.Allocate<int>(16);
        kernel.SetBuffer(0, buffer.Memory);
        stream.Launch(kernel, new LaunchShape(1, ItemsX: 16));
        stream.Synchronize();
        return 0;
    }
}
