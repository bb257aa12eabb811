using KernelSuite.Operations.Decode;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Decode;

/// <summary>Every named case of both operations, in every dtype, by every implementation, on every device and every vector width.</summary>
public sealed class DecodeCaseTests
{
    private static Operation[] Operations => [DecodeOperation.Instance, DecodeOperation.Mixed];

    public static TheoryData<string, string> CaseNames => NamedCases.Each(Operations);

    public static TheoryData<string, string, string> DeviceCases => NamedCases.EachOnDevices(Operations);

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Every_check_detects_zeros_and_a_dropped_tile(string operation, string name) => Assert.Empty(NamedCases.Blind(operation, [name]));

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Every_vector_width_passes(string operation, string name)
    {
        foreach (CpuSimd simd in CpuSimds.Supported) NamedCases.AssertPass(NamedCases.Cpu(simd), operation, [name], simd.ToString(), naive: false);
    }

    [SkippableTheory]
    [MemberData(nameof(DeviceCases))]
    public void Every_device_passes(string device, string operation, string name)
    {
        Device opened = TestDevices.Shared(device);
        string? reason = OperationCatalog.Find(operation).Supports(opened.Info, NamedCases.Expect(operation, name).Case.Problem).Reason;
        Skip.If(reason is not null, reason);
        NamedCases.AssertPass(opened, operation, [name], device);
    }
}
