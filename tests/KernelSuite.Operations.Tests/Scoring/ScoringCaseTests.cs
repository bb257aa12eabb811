using System.Collections.Concurrent;
using KernelSuite.Operations.Scoring;
using KernelSuite.Operations.Tests.Attention;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Runtime.CudaHost;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Scoring;

/// <summary>Every named case of both operations, in every dtype, by every implementation, on every device and every vector width.</summary>
public sealed class ScoringCaseTests
{
    private static readonly ConcurrentDictionary<(string, string, DType), Lazy<CaseExpectation>> Expectations = new();

    private static readonly Lazy<Device> RaceChecker = new(() =>
    {
        var backend = new CudaHostBackend(CudaHostOptions.FromEnvironment() with { CheckRaces = true });
        return backend.Open(backend.Probe().Devices[0]);
    });

    private static IEnumerable<(Operation Operation, OperationCase Case)> All =>
        from operation in (Operation[])[MomentsOperation.Instance, ScoresOperation.Instance]
        from c in operation.Cases
        where c.Suite == CaseSuite.Validate
        select (operation, c);

    public static TheoryData<string, string, string> CaseNames
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach ((Operation operation, OperationCase c) in All) data.Add(operation.Name, c.Name, c.Problem.DType.Name());
            return data;
        }
    }

    public static TheoryData<string, string, string, string> DeviceCases
    {
        get
        {
            var data = new TheoryData<string, string, string, string>();
            foreach (string device in TestDevices.Ids)
                foreach ((Operation operation, OperationCase c) in All) data.Add(device, operation.Name, c.Name, c.Problem.DType.Name());
            return data;
        }
    }

    public static TheoryData<string, string> Float32Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach ((Operation operation, OperationCase c) in All.Where(x => x.Case.Problem.DType == DType.Float32)) data.Add(operation.Name, c.Name);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Every_vector_width_passes(string operation, string name, string dtype)
    {
        foreach (CpuSimd simd in CpuSimds.Supported) AssertPasses(AttentionCaseTests.Cpu(simd), operation, name, dtype, "fused", simd.ToString());
    }

    [SkippableTheory]
    [MemberData(nameof(DeviceCases))]
    public void Every_device_passes(string device, string operation, string name, string dtype)
    {
        Device opened = TestDevices.Shared(device);
        foreach (Implementation implementation in OperationCatalog.Find(operation).Implementations(opened.Info))
            AssertPasses(opened, operation, name, dtype, implementation.Name, device);
    }

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Every_check_detects_zeros_and_a_dropped_tile(string operation, string name, string dtype) =>
        Assert.Null(Expect(operation, name, Enum.Parse<DType>(dtype, ignoreCase: true)).ControlFailure);

    /// <summary>A barrier too few passes every numerical check on a machine that happens to run threads in order.</summary>
    [SkippableTheory]
    [MemberData(nameof(Float32Cases))]
    public void No_case_has_a_race_in_shared_memory(string operation, string name)
    {
        TestDevices.Shared(TestDevices.CudaHost);
        AssertPasses(RaceChecker.Value, operation, name, DType.Float32.Name(), "fused", "race check");
    }

    private static CaseExpectation Expect(string operation, string name, DType dtype) => Expectations.GetOrAdd((operation, name, dtype), key => new Lazy<CaseExpectation>(() =>
    {
        Operation found = OperationCatalog.Find(key.Item1);
        return CaseExpectation.Compute(found, found.Cases.Single(c => c.Name == key.Item2 && c.Problem.DType == key.Item3), Validator.DefaultSeed);
    })).Value;

    private static void AssertPasses(Device device, string operation, string name, string dtype, string implementation, string where)
    {
        CaseResult result = Validator.Validate(device, Expect(operation, name, Enum.Parse<DType>(dtype, ignoreCase: true)), implementation);
        Assert.True(result.Status == CaseStatus.Pass, $"{where} {implementation} {operation} {name} {dtype}: {result.Status}, {result.Reason}");
    }
}
