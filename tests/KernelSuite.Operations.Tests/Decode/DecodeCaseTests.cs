using System.Collections.Concurrent;
using KernelSuite.Operations.Decode;
using KernelSuite.Operations.Tests.Attention;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Decode;

/// <summary>Every named case of both operations, in every dtype, by every implementation, on every device and every vector width.</summary>
public sealed class DecodeCaseTests
{
    private static readonly ConcurrentDictionary<(string, string, DType), Lazy<CaseExpectation>> Expectations = new();

    public static TheoryData<string, string> CaseNames
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach ((DecodeOperation operation, OperationCase c) in All) data.Add(operation.Name, $"{c.Name} {c.Problem.DType.Name()}");
            return data;
        }
    }

    public static TheoryData<string, string, string> DeviceCases
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (string device in TestDevices.Ids)
                foreach ((DecodeOperation operation, OperationCase c) in All) data.Add(device, operation.Name, $"{c.Name} {c.Problem.DType.Name()}");
            return data;
        }
    }

    private static IEnumerable<(DecodeOperation Operation, OperationCase Case)> All =>
        from operation in new[] { DecodeOperation.Instance, DecodeOperation.Mixed }
        from c in operation.Cases
        where c.Suite == CaseSuite.Validate
        select (operation, c);

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Every_check_detects_zeros_and_a_dropped_tile(string operation, string name) => Assert.Null(Expect(operation, name).ControlFailure);

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Every_vector_width_passes(string operation, string name)
    {
        foreach (CpuSimd simd in CpuSimds.Supported) AssertPasses(AttentionCaseTests.Cpu(simd), operation, name, "split", simd.ToString());
    }

    [SkippableTheory]
    [MemberData(nameof(DeviceCases))]
    public void Every_device_passes(string device, string operation, string name)
    {
        Device opened = TestDevices.Shared(device);
        foreach (Implementation implementation in DecodeOperation.Instance.Implementations(opened.Info))
            AssertPasses(opened, operation, name, implementation.Name, device);
    }

    internal static CaseExpectation Expect(string operation, string name) =>
        Expect((DecodeOperation)OperationCatalog.Find(operation), name.Split(' ')[0], Enum.Parse<DType>(name.Split(' ')[1], ignoreCase: true));

    internal static CaseExpectation Expect(DecodeOperation operation, string name, DType dtype) => Expectations.GetOrAdd(
        (operation.Name, name, dtype),
        key => new Lazy<CaseExpectation>(() => CaseExpectation.Compute(
            operation, operation.Cases.Single(c => c.Name == key.Item2 && c.Problem.DType == key.Item3), Validator.DefaultSeed))).Value;

    private static void AssertPasses(Device device, string operation, string name, string implementation, string where)
    {
        CaseResult result = Validator.Validate(device, Expect(operation, name), implementation);
        if (device.Info.Language != DeviceLanguage.Managed) Skip.If(result.Status == CaseStatus.Unsupported, result.Reason);
        Assert.True(result.Status == CaseStatus.Pass, $"{where} {implementation} {operation} {name}: {result.Status}, {result.Reason}");
    }
}
