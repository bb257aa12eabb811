using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;
using KernelSuite.Runtime.CudaHost;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Attention.Portable;

/// <summary>
/// The CUDA programs with race detection on: a barrier too few passes every numerical check on a machine that happens to run threads in
/// order. That a race is found at all is tested with planted ones, in the tests of cudahost.
/// </summary>
public sealed class AttentionRaceTests
{
    private static readonly Lazy<Device> Checker = new(() =>
    {
        var backend = new CudaHostBackend(CudaHostOptions.FromEnvironment() with { CheckRaces = true });
        return backend.Open(backend.Probe().Devices[0]);
    });

    public static TheoryData<string> Cases =>
        [.. AttentionOperation.Instance.Cases.Where(c => c.Suite == CaseSuite.Validate && c.Problem.DType == DType.Float32).Select(c => c.Name)];

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void No_case_has_a_race_in_shared_memory(string name)
    {
        TestDevices.Shared(TestDevices.CudaHost);
        CaseResult result = Validator.Validate(Checker.Value, AttentionCaseTests.Expect(name, DType.Float32), "fused");
        Assert.True(result.Status == CaseStatus.Pass, $"{name}: {result.Status}, {result.Reason}");
    }
}
