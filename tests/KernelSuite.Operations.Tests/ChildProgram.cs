using KernelSuite.Operations.Attention;
using KernelSuite.Operations.Attention.Portable;
using KernelSuite.Operations.Tests.Attention.Portable;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Tests;

/// <summary>What this assembly does as a child process under oclgrind, a simulator that reports races and stray accesses.</summary>
internal static class ChildProgram
{
    /// <summary>Small enough for an interpreter; between them every kernel, staging, masks, padding and gaps.</summary>
    private static readonly (string Name, DType DType)[] Cases =
    [
        ("primes-d7-dv5", DType.Float32), ("primes-d7-dv5", DType.BFloat16), ("simulator-band", DType.Float32), ("simulator-padding", DType.Float16),
    ];

    private static readonly string[] StorageCases =
        ["one", "one-of-two", "vector-plus-1", "ragged", "paged", "e4m3-odd", "int4-odd", "e4m3-paged", "int4-paged", "e4m3-shared", "int4-shared"];

    /// <summary>Entry point of the child.</summary>
    public static int Main(string[] args)
    {
        switch (args.FirstOrDefault())
        {
            case "attention":
                return Attend();
            case "storage":
                return Store();
            case "planted":
                return Plant(args[1]);
            default:
                Console.Error.WriteLine("Run the tests with 'dotnet test'. As a child process: attention | storage | planted <kernel>.");
                return 64;
        }
    }

    private static int Attend()
    {
        using Device device = Device.Open("opencl:0");
        Console.WriteLine($"device: {device.Info.Name}");
        int failed = 0;
        foreach ((string name, DType dtype) in Cases)
        {
            OperationCase c = SimulatorCase(name, dtype);
            using CaseExpectation expectation = CaseExpectation.Compute(AttentionOperation.Instance, c, Validator.DefaultSeed);
            foreach (string implementation in new[] { "fused", "naive" })
                failed += Report(Validator.Validate(device, expectation, implementation));
            failed += Report(GpuTiles.Validate(device, expectation));
        }

        return failed;
    }

    /// <summary>Selection and row storage: the smallest cases that still cross a vector, a group, a page and a row length.</summary>
    private static int Store()
    {
        using Device device = Device.Open("opencl:0");
        Console.WriteLine($"device: {device.Info.Name}");
        int failed = 0;
        foreach (Operation operation in KvStorage.KvCaseTests.Operations)
        {
            foreach (OperationCase c in operation.Cases.Where(c => StorageCases.Contains(c.Name) && c.Problem.DType is (DType.Float32 or DType.UInt8)))
            {
                using CaseExpectation expectation = CaseExpectation.Compute(operation, c, Validator.DefaultSeed);
                foreach (Implementation implementation in operation.Implementations(device.Info)) failed += Report(Validator.Validate(device, expectation, implementation.Name));
            }
        }

        return failed;
    }

    private static OperationCase SimulatorCase(string name, DType dtype) => name switch
    {
        "simulator-band" => new(name, new AttentionProblem(
            new(1, 2, 1, 19, 23, 5), dtype, new() { Causal = true, WindowLeft = 9, SoftCap = 3 }), AttentionInputs.Normal, CaseSuite.Validate),
        "simulator-padding" => new(name, new AttentionProblem(new(4, 1, 1, 5, 37, 6), dtype, hasKvLengths: true), AttentionInputs.Ragged, CaseSuite.Validate),
        _ => AttentionOperation.Instance.Cases.Single(c => c.Name == name && c.Problem.DType == dtype),
    };

    private static int Report(CaseResult result)
    {
        Console.WriteLine($"{result.Case} {result.DType.Name()} {result.Implementation}: {result.Status} {result.Reason}");
        return result.Status == CaseStatus.Pass ? 0 : 1;
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
