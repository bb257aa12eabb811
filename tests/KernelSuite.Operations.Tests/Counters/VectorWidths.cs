using System.Runtime.Intrinsics;
using KernelSuite.Operations.Counters.Distance;
using KernelSuite.Operations.Counters.Moments;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Counters;

/// <summary>
/// The managed kernels of counter analysis with narrower vectors than the machine has, in a process whose runtime knows no wider ones. The widest
/// are what every other test runs with.
/// </summary>
public sealed class VectorWidths
{
    [SkippableTheory]
    [InlineData(256, "DOTNET_EnableAVX512 DOTNET_EnableAVX512F")]
    [InlineData(128, "DOTNET_EnableAVX512 DOTNET_EnableAVX512F DOTNET_EnableAVX2 DOTNET_EnableAVX")]
    [InlineData(0, "DOTNET_EnableHWIntrinsic")]
    public void Every_case_passes_with_vectors_of(int bits, string switchedOff)
    {
        Skip.If(bits > Widest(), $"This machine has vectors of {Widest()} bits; nothing ran with {bits}.");
        (int exit, string output) = ChildProcess.Run(
            ["widths"], [.. switchedOff.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => (name, "0"))]);
        Assert.True(exit == 0, output);
        Assert.Contains($"vectors of {bits} bits", output, StringComparison.Ordinal);
        Assert.True(output.Split(": Pass").Length - 1 >= 80, output);
    }

    /// <summary>Runs every case on the managed device and prints what became of it.</summary>
    /// <returns>The number of failures.</returns>
    internal static int Run()
    {
        Console.WriteLine($"vectors of {Widest()} bits");
        using Device device = Device.Open("cpu");
        int failures = 0;
        foreach (Operation operation in (Operation[])[CounterMomentsOperation.Instance, ConeDistanceOperation.Instance])
        {
            foreach (OperationCase c in operation.Cases.Where(c => c.Suite == CaseSuite.Validate))
            {
                using CaseExpectation expectation = CaseExpectation.Compute(operation, c, Validator.DefaultSeed);
                foreach (Implementation implementation in operation.Implementations(device.Info))
                {
                    CaseResult result = Validator.Validate(device, expectation, implementation.Name);
                    Console.WriteLine($"{operation.Name} {implementation.Name} {c.Name} {c.Problem.DType.Name()}: {result.Status} {result.Reason}");
                    if (result.Status != CaseStatus.Pass) failures++;
                }
            }
        }

        return failures;
    }

    private static int Widest() =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
}
