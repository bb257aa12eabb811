using KernelSuite.Operations.Decode;
using KernelSuite.Operations.Decode.Portable;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Tests.Decode.Portable;

/// <summary>Tiles and parts are pure functions: these tests open no device.</summary>
public sealed class DecodeTilesTests
{
    public static TheoryData<int, long> CpuDevices => new() { { 16, 2 << 20 }, { 8, 64 << 10 }, { 4, 32 << 10 }, { 1, 32 << 10 }, { 24, 32 << 10 }, { 16, 16 << 10 } };

    [Theory]
    [MemberData(nameof(CpuDevices))]
    public void Every_cpu_choice_is_one_the_kernel_compiles_for(int width, long localBytes)
    {
        foreach (int d in new[] { 1, 7, 64, 128, 256 })
        {
            foreach (int dv in new[] { 1, 5, 131, 256 })
            {
                foreach (int rows in new[] { 1, 2, 3, 7, 8, 33 })
                {
                    DecodeTiles t = Assert.NotNull(DecodeTiles.Choose(Info(DeviceKind.Cpu, width, 1, localBytes), d, dv, rows));
                    Assert.Equal(0, t.Vector % t.Rows);
                    Assert.Equal(0, t.Tile % (t.Vector / t.Rows));
                    Assert.InRange(t.LocalBytes, 1, localBytes);
                    Assert.True(t.RowBlocks(rows) * t.Rows >= rows);
                    Assert.True(!t.IsGroup && t.Capacity >= Math.Max(d, dv) && t.Capacity % (t.Vector * t.ColumnVectors) == 0);
                }
            }
        }
    }

    [Theory]
    [InlineData(64, 64, 64)]
    [InlineData(65, 1, 128)]
    [InlineData(1, 129, 256)]
    public void A_gpu_gets_the_smallest_program_that_takes_the_rows(int d, int dv, int capacity)
    {
        DecodeTiles t = Assert.NotNull(DecodeTiles.Choose(Info(DeviceKind.Gpu, 1, 256, 32 << 10), d, dv, 4));
        Assert.Equal(capacity, t.Capacity);
        Assert.InRange(t.LocalBytes, 1, 32 << 10);
        Assert.Equal(t, DecodeTiles.Choose(Info(DeviceKind.Gpu, 1, 1024, 227 << 10) with { Language = DeviceLanguage.Cuda }, d, dv, 4));
    }

    [Fact]
    public void A_device_that_is_too_small_is_refused_with_a_reason()
    {
        DeviceInfo device = Info(DeviceKind.Gpu, 1, 64, 64 << 10);
        Assert.Null(DecodeTiles.Choose(device, 64, 64, 4));
        var problem = new DecodeProblem(new(1, 4, 1, 1, 64), DecodeSegment.Contiguous(9), DType.Float32);
        Assert.Contains("work-items", DecodeOperation.Instance.Supports(device, problem).Reason, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Every_cuda_program_that_may_be_chosen_is_compiled()
    {
        bool required = Environment.GetEnvironmentVariable("KSUITE_REQUIRE_CUDA") == "1";
        Skip.If(KernelImages.Programs.Count == 0 && !required, "Built without nvcc: there are no CUDA programs to look at.");
        DeviceInfo device = Info(DeviceKind.Gpu, 1, 1024, 227 << 10) with { Language = DeviceLanguage.Cuda };
        foreach (DecodeOperation operation in new[] { DecodeOperation.Instance, DecodeOperation.Mixed })
        {
            foreach (OperationCase c in operation.Cases)
            {
                Assert.Null(operation.Supports(device, c.Problem).Reason);
                Assert.Null(DecodeProgram.Naive(c.Problem.DType).SupportOn(device).Reason);
            }
        }
    }

    [Fact]
    public void Original_slots_are_split_alike_with_and_without_quantised_ones()
    {
        DeviceInfo device = Info(DeviceKind.Gpu, 1, 256, 64 << 10) with { ComputeUnits = 132 };
        DecodeSegment slots = DecodeSegment.Contiguous(30000);
        var plain = new DecodeProblem(new(1, 32, 8, 1, 128), slots, DType.BFloat16);
        var mixed = new DecodeProblem(new(1, 32, 8, 1, 128), slots, DType.BFloat16, quantised: new(Operations.KvStorage.KvFormat.Int4, DecodeSegment.Contiguous(60000)));
        DecodeTiles tiles = DecodeTiles.GpuTiles[1];
        DecodeParts one = DecodeParts.Choose(device, plain, tiles), two = DecodeParts.Choose(device, mixed, tiles);
        Assert.Equal((one.Original, one.OriginalSplits), (two.Original, two.OriginalSplits));
        Assert.Equal(0, one.Quantised);
        Assert.True(two.Quantised > 0 && one.Total * 8 >= 2 * 132);
    }

    private static DeviceInfo Info(DeviceKind kind, int width, int maxGroup, long localBytes) => new()
    {
        Id = DeviceId.Parse("opencl:0"),
        Kind = kind,
        Language = DeviceLanguage.OpenClC,
        Name = "paper device",
        VectorWidthFloat32 = width,
        MaxWorkGroupSize = maxGroup,
        LocalMemoryBytes = localBytes,
        ComputeUnits = 2,
    };
}
