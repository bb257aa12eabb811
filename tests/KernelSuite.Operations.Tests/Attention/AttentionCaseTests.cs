using System.Collections.Concurrent;
using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Attention;

/// <summary>Every named case, in every dtype, by every implementation, on every device and every vector width.</summary>
public sealed class AttentionCaseTests
{
    private static readonly ConcurrentDictionary<(string, DType), Lazy<CaseExpectation>> Expectations = new();
    private static readonly ConcurrentDictionary<CpuSimd, Lazy<Device>> CpuDevices = new();

    public static TheoryData<string, string> CaseNames
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (OperationCase c in AttentionOperation.Instance.Cases.Where(c => c.Suite == CaseSuite.Validate)) data.Add(c.Name, c.Problem.DType.Name());
            return data;
        }
    }

    public static TheoryData<string, string, string> DeviceCases
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (string device in TestDevices.Ids)
            {
                foreach (OperationCase c in AttentionOperation.Instance.Cases.Where(c => c.Suite == CaseSuite.Validate))
                    data.Add(device, c.Name, c.Problem.DType.Name());
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Every_vector_width_passes(string name, string dtype)
    {
        foreach (CpuSimd simd in CpuSimds.Supported) AssertPasses(Cpu(simd), name, dtype, "fused", simd.ToString());
    }

    [SkippableTheory]
    [MemberData(nameof(DeviceCases))]
    public void Every_device_passes(string device, string name, string dtype)
    {
        Device opened = TestDevices.Shared(device);
        foreach (Implementation implementation in AttentionOperation.Instance.Implementations(opened.Info))
            AssertPasses(opened, name, dtype, implementation.Name, device);
    }

    internal static CaseExpectation Expect(string name, DType dtype) => Expectations.GetOrAdd((name, dtype), key => new Lazy<CaseExpectation>(() =>
        CaseExpectation.Compute(
            AttentionOperation.Instance,
            AttentionOperation.Instance.Cases.Single(c => c.Name == key.Item1 && c.Problem.DType == key.Item2),
            Validator.DefaultSeed))).Value;

    internal static Device Cpu(CpuSimd simd) => CpuDevices.GetOrAdd(simd, key => new Lazy<Device>(() =>
    {
        var backend = new CpuBackend(new CpuDeviceOptions { Simd = key });
        return backend.Open(backend.Probe().Devices[0]);
    })).Value;

    private static void AssertPasses(Device device, string name, string dtype, string implementation, string where)
    {
        CaseExpectation expectation = Expect(name, Enum.Parse<DType>(dtype, ignoreCase: true));
        CaseResult result = Validator.Validate(device, expectation, implementation);
        Assert.True(result.Status == CaseStatus.Pass, $"{where} {implementation} {name} {dtype}: {result.Status}, {result.Reason}");
    }
}
