using KernelSuite.Operations.Counters.Distance;
using KernelSuite.Operations.Counters.Moments;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Counters;

/// <summary>Every named case of moments and distances, by every implementation, on every device.</summary>
public sealed class CounterCaseTests
{
    private static Operation[] Operations => [CounterMomentsOperation.Instance, ConeDistanceOperation.Instance];

    public static TheoryData<string, string> OperationsAndDTypes => NamedCases.DTypes(Operations);

    public static TheoryData<string, string, string> DeviceCases => NamedCases.DTypesOnDevices(Operations);

    [Theory]
    [MemberData(nameof(OperationsAndDTypes))]
    public void Every_check_detects_zeros_and_a_faulty_kernel(string operation, string dtype) =>
        Assert.Empty(NamedCases.Blind(operation, NamedCases.Of(operation, dtype)));

    [SkippableTheory]
    [MemberData(nameof(DeviceCases))]
    public void Every_device_passes(string device, string operation, string dtype) =>
        NamedCases.AssertPass(TestDevices.Shared(device), operation, NamedCases.Of(operation, dtype), device);

    [SkippableTheory]
    [MemberData(nameof(OperationsAndDTypes))]
    public void No_case_has_a_race_in_shared_memory(string operation, string dtype) =>
        NamedCases.AssertPass(NamedCases.RaceChecker(), operation, NamedCases.Of(operation, dtype), "race check", naive: false);
}
