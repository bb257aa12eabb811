using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Attention;

/// <summary>Every named case, in every dtype, by every implementation, on every device and every vector width.</summary>
public sealed class AttentionCaseTests
{
    private static Operation[] Operations => [AttentionOperation.Instance];

    public static TheoryData<string, string> CaseNames => NamedCases.Each(Operations);

    public static TheoryData<string, string, string> DeviceCases => NamedCases.EachOnDevices(Operations);

    public static TheoryData<string, string> Float32Cases => NamedCases.Each(Operations, DType.Float32);

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Every_vector_width_passes(string operation, string name)
    {
        foreach (CpuSimd simd in CpuSimds.Supported) NamedCases.AssertPass(NamedCases.Cpu(simd), operation, [name], simd.ToString(), naive: false);
    }

    [SkippableTheory]
    [MemberData(nameof(DeviceCases))]
    public void Every_device_passes(string device, string operation, string name) =>
        NamedCases.AssertPass(TestDevices.Shared(device), operation, [name], device);

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Every_check_detects_zeros_and_a_dropped_tile(string operation, string name) => Assert.Empty(NamedCases.Blind(operation, [name]));

    [SkippableTheory]
    [MemberData(nameof(Float32Cases))]
    public void No_case_has_a_race_in_shared_memory(string operation, string name) =>
        NamedCases.AssertPass(NamedCases.RaceChecker(), operation, [name], "race check", naive: false);
}
