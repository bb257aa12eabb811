using KernelSuite.Operations.KvStorage;
using KernelSuite.Operations.Selection;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.KvStorage;

/// <summary>Every named case of selection and row storage, by every implementation, on every device and every vector width.</summary>
public sealed class KvCaseTests
{
    internal static IReadOnlyList<Operation> Operations { get; } =
        [TopKOperation.Instance, KvCompactOperation.Instance, KvQuantizeOperation.Instance, KvDequantizeOperation.Instance, KvQuantizeGroupsOperation.Instance];

    public static TheoryData<string, string> OperationsAndDTypes => NamedCases.DTypes(Operations);

    public static TheoryData<string, string, string> DeviceCases => NamedCases.DTypesOnDevices(Operations);

    [Theory]
    [MemberData(nameof(OperationsAndDTypes))]
    public void Every_check_detects_zeros_and_a_faulty_kernel(string operation, string dtype) =>
        Assert.Empty(NamedCases.Blind(operation, NamedCases.Of(operation, dtype)));

    [Theory]
    [MemberData(nameof(OperationsAndDTypes))]
    public void Every_vector_width_passes(string operation, string dtype)
    {
        foreach (CpuSimd simd in CpuSimds.Supported)
            NamedCases.AssertPass(NamedCases.Cpu(simd), operation, NamedCases.Of(operation, dtype), simd.ToString());
    }

    [SkippableTheory]
    [MemberData(nameof(DeviceCases))]
    public void Every_device_passes(string device, string operation, string dtype) =>
        NamedCases.AssertPass(TestDevices.Shared(device), operation, NamedCases.Of(operation, dtype), device);

    [SkippableTheory]
    [MemberData(nameof(OperationsAndDTypes))]
    public void No_case_has_a_race_in_shared_memory(string operation, string dtype) =>
        NamedCases.AssertPass(NamedCases.RaceChecker(), operation, NamedCases.Of(operation, dtype), "race check", naive: false);
}
