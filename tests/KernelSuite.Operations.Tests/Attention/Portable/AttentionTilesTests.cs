using KernelSuite.Operations.Attention;
using KernelSuite.Operations.Attention.Portable;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Tests.Attention.Portable;

/// <summary>The tile heuristic is a pure function: these tests open no device.</summary>
public sealed class AttentionTilesTests
{
    public static TheoryData<DeviceKind, int, int, long> Devices => new()
    {
        { DeviceKind.Cpu, 16, 4096, 2 << 20 },
        { DeviceKind.Cpu, 8, 8192, 256 << 10 },
        { DeviceKind.Cpu, 8, 8192, 32 << 10 },
        { DeviceKind.Cpu, 4, 1024, 64 << 10 },
        { DeviceKind.Cpu, 1, 1, 64 << 10 },
        { DeviceKind.Cpu, 24, 4096, 1 << 20 },
        { DeviceKind.Gpu, 1, 1024, 48 << 10 },
        { DeviceKind.Gpu, 1, 256, 32 << 10 },
        { DeviceKind.Gpu, 4, 64, 64 << 10 },
        { DeviceKind.Accelerator, 1, 16, 16 << 10 },
    };

    [Theory]
    [MemberData(nameof(Devices))]
    public void Every_choice_is_one_the_kernel_compiles_for(DeviceKind kind, int width, int maxGroup, long localBytes)
    {
        DeviceInfo device = Info(kind, width, maxGroup, localBytes);
        var shapes =
            from d in new[] { 1, 7, 64, 128, 200, 256 }
            from dv in new[] { 1, 5, 64, 129, 256 }
            from queries in new[] { 0, 1, 17, 33, 2048 }
            from dtype in new[] { DType.Float32, DType.Float16, DType.BFloat16 }
            select (d, dv, queries, dtype);
        foreach ((int d, int dv, int queries, DType dtype) in shapes)
        {
            AttentionTiles t = Assert.NotNull(AttentionTiles.Choose(device, d, dv, queries, dtype));
            Assert.Contains(t.Vector, new[] { 1, 2, 4, 8, 16 });
            Assert.Equal(0, t.BlockM % (t.ItemsX * t.LaneVectors * t.Vector));
            Assert.Equal(0, t.BlockN % t.KeyRows);
            Assert.InRange(t.ItemsX * t.ItemsY, 1, maxGroup);
            Assert.InRange(t.LocalBytes(d, dv), 1, localBytes);
            if (t.KeepOut)
            {
                Assert.True(t.OutRows * t.ItemsY >= dv);
                Assert.Equal(t.BlockM, t.ItemsX * t.LaneVectors * t.Vector);
            }
            else
            {
                Assert.Equal(1, t.ItemsX * t.ItemsY);
            }
        }
    }

    [Fact]
    public void A_cpu_with_wide_vectors_gets_the_measured_shape()
    {
        AttentionTiles tiles = Assert.NotNull(AttentionTiles.Choose(Info(DeviceKind.Cpu, 16, 4096, 2 << 20), 128, 128, 2048, DType.Float32));
        Assert.Equal(new AttentionTiles(16, 64, 96, 1, 1, 4, 6, 6, KeepOut: false, StageKv: false), tiles);
    }

    [Fact]
    public void Few_queries_get_few_lanes_and_short_storage_is_staged()
    {
        AttentionTiles tiles = Assert.NotNull(AttentionTiles.Choose(Info(DeviceKind.Cpu, 16, 4096, 2 << 20), 64, 64, 1, DType.Float16));
        Assert.Equal(16, tiles.BlockM);
        Assert.True(tiles.StageKv);
    }

    [Fact]
    public void A_gpu_gets_a_group_that_leaves_room_for_another()
    {
        AttentionTiles tiles = Assert.NotNull(AttentionTiles.Choose(Info(DeviceKind.Gpu, 1, 1024, 96 << 10), 256, 256, 2048, DType.Float32));
        Assert.InRange(tiles.LocalBytes(256, 256), 1, 48 << 10);
        Assert.True(tiles.KeepOut);
    }

    [Fact]
    public void Too_little_local_memory_is_refused_with_a_reason()
    {
        DeviceInfo device = Info(DeviceKind.Gpu, 1, 64, 1024);
        Assert.Null(AttentionTiles.Choose(device, 256, 256, 64, DType.Float32));
        Support support = AttentionOperation.Instance.Supports(device, new AttentionProblem(new(1, 1, 1, 64, 64, 256), DType.Float32));
        Assert.Contains("local memory", support.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void More_rows_than_the_kernels_count_are_refused_with_a_reason()
    {
        DeviceInfo device = Info(DeviceKind.Cpu, 16, 4096, 2 << 20);
        Support support = AttentionOperation.Instance.Supports(device, new AttentionProblem(new(1, 1, 1, 1, (1 << 30) + 1, 1), DType.Float32));
        Assert.Contains("2^30", support.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1, 64)]
    [InlineData(64, 64, 64)]
    [InlineData(65, 64, 128)]
    [InlineData(64, 128, 128)]
    [InlineData(129, 17, 256)]
    [InlineData(256, 256, 256)]
    public void A_cuda_program_is_the_smallest_that_takes_the_rows(int headDim, int valueDim, int capacity)
    {
        DeviceInfo device = Info(DeviceKind.Gpu, 1, 1024, 227 << 10) with { Language = DeviceLanguage.Cuda };
        AttentionTiles tiles = Assert.NotNull(AttentionTiles.Choose(device, headDim, valueDim, 100, DType.BFloat16));
        Assert.Equal(capacity, tiles.Capacity);
        Assert.True(tiles.LocalBytes(headDim, valueDim) <= 48 << 10);
        Assert.True(tiles.ItemsY * tiles.OutRows >= capacity);
    }

    [SkippableFact]
    public void Every_cuda_program_that_may_be_chosen_is_compiled()
    {
        bool required = Environment.GetEnvironmentVariable("KSUITE_REQUIRE_CUDA") == "1";
        Skip.If(KernelImages.Programs.Count == 0 && !required, "Built without nvcc: there are no CUDA programs to look at.");
        DeviceInfo device = Info(DeviceKind.Gpu, 1, 1024, 227 << 10) with { Language = DeviceLanguage.Cuda };
        foreach (OperationCase c in AttentionOperation.Instance.Cases)
        {
            Assert.Null(AttentionOperation.Instance.Supports(device, c.Problem).Reason);
            AttentionProgram naive = AttentionProgram.Naive((AttentionProblem)c.Problem, vector: 1);
            Assert.Null(Operations.DeviceCode.Supports(device, naive.Name, naive.Options).Reason);
        }

        Assert.NotNull(Operations.DeviceCode.Supports(device, "attention/attention_naive.cl", "-DSTORAGE=99").Reason);
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
    };
}
