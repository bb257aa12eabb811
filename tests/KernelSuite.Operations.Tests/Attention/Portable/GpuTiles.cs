using KernelSuite.Operations.Attention;
using KernelSuite.Operations.Attention.Portable;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Attention.Portable;

/// <summary>
/// The shape of group that a GPU gets, run on whatever OpenCL device there is: groups of many work-items, barriers, outputs in
/// registers. It is slow on a CPU device, and must be right.
/// </summary>
public sealed class GpuTiles
{
    public static TheoryData<string> Devices => TestDevices.OpenCl;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Every_kind_of_case_passes_with_gpu_tiles(string id)
    {
        Device device = TestDevices.Shared(id);
        (string Name, DType DType)[] cases =
        [
            ("tile-plus-1-d64", DType.Float32), ("primes-d127-dv131", DType.Float16), ("causal-long-q-masked-rows", DType.BFloat16),
            ("window-8-8", DType.Float32), ("softcap-5-causal", DType.Float32), ("padding-causal-gqa", DType.Float16), ("layout-gaps", DType.Float32),
            ("logits-100", DType.Float32), ("no-key", DType.Float32), ("one", DType.Float32), ("d256", DType.Float32), ("decode-gqa", DType.BFloat16),
        ];
        foreach ((string name, DType dtype) in cases)
        {
            CaseResult result = Validate(device, NamedCases.Expect("attention", $"{name} {dtype.Name()}"));
            Assert.True(result.Status == CaseStatus.Pass, $"{name} {dtype}: {result.Status}, {result.Reason}");
        }
    }

    /// <summary>Validates a case with the tiles of a typical GPU in place of the device's own.</summary>
    internal static CaseResult Validate(Device device, CaseExpectation expectation)
    {
        var problem = (AttentionProblem)expectation.Case.Problem;
        AttentionTiles tiles = AttentionTiles.Choose(
            TypicalGpu(device), problem.Shape.HeadDim, problem.Shape.ValueDim, problem.Shape.QueryLength, problem.DType)!.Value;
        Assert.True(tiles.ItemsX * tiles.ItemsY > 1 && tiles.KeepOut, "These are not GPU tiles.");
        return Validator.Validate(device, expectation, "fused, gpu tiles", d => new PortableAttentionPlan(d, problem, tiles));
    }

    /// <summary>A device's facts as a typical GPU has them, with no more local memory than the device has.</summary>
    internal static DeviceInfo TypicalGpu(Device device) => new()
    {
        Id = device.Info.Id,
        Kind = DeviceKind.Gpu,
        Language = DeviceLanguage.OpenClC,
        Name = "typical GPU",
        MaxWorkGroupSize = 256,
        LocalMemoryBytes = Math.Min(64 << 10, device.Info.LocalMemoryBytes),
    };
}
