namespace KernelSuite.Operations.Tests.DeviceCode;

/// <summary>The expected values are those of cuda_occupancy.h (CUDA 11.8), the header that NVIDIA's occupancy calculator is made of.</summary>
public sealed class OccupancyTests
{
    [Theory]
    [InlineData("sm_80", 32, 32, 0, 32, OccupancyLimit.Blocks)]
    [InlineData("sm_86", 32, 32, 0, 16, OccupancyLimit.Blocks)]
    [InlineData("sm_89", 32, 32, 0, 24, OccupancyLimit.Blocks)]
    [InlineData("sm_90", 32, 32, 0, 32, OccupancyLimit.Blocks)]
    [InlineData("sm_80", 32, 64, 0, 32, OccupancyLimit.Blocks)]
    [InlineData("sm_86", 32, 64, 0, 16, OccupancyLimit.Blocks)]
    [InlineData("sm_89", 32, 64, 0, 24, OccupancyLimit.Blocks)]
    [InlineData("sm_90", 32, 64, 0, 32, OccupancyLimit.Blocks)]
    [InlineData("sm_80", 128, 162, 34176, 3, OccupancyLimit.Registers)]
    [InlineData("sm_86", 128, 162, 34176, 2, OccupancyLimit.SharedMemory)]
    [InlineData("sm_89", 128, 162, 34176, 2, OccupancyLimit.SharedMemory)]
    [InlineData("sm_90", 128, 162, 34176, 3, OccupancyLimit.Registers)]
    [InlineData("sm_80", 128, 127, 34176, 4, OccupancyLimit.Registers)]
    [InlineData("sm_86", 128, 127, 34176, 2, OccupancyLimit.SharedMemory)]
    [InlineData("sm_89", 128, 127, 34176, 2, OccupancyLimit.SharedMemory)]
    [InlineData("sm_90", 128, 127, 34176, 4, OccupancyLimit.Registers)]
    [InlineData("sm_80", 128, 166, 46656, 3, OccupancyLimit.Registers)]
    [InlineData("sm_86", 128, 166, 46656, 2, OccupancyLimit.SharedMemory)]
    [InlineData("sm_89", 128, 166, 46656, 2, OccupancyLimit.SharedMemory)]
    [InlineData("sm_90", 128, 166, 46656, 3, OccupancyLimit.Registers)]
    [InlineData("sm_80", 128, 160, 46656, 3, OccupancyLimit.Registers)]
    [InlineData("sm_86", 128, 160, 46656, 2, OccupancyLimit.SharedMemory)]
    [InlineData("sm_89", 128, 160, 46656, 2, OccupancyLimit.SharedMemory)]
    [InlineData("sm_90", 128, 160, 46656, 3, OccupancyLimit.Registers)]
    [InlineData("sm_80", 256, 124, 44096, 2, OccupancyLimit.Registers)]
    [InlineData("sm_86", 256, 124, 44096, 2, OccupancyLimit.Registers)]
    [InlineData("sm_89", 256, 124, 44096, 2, OccupancyLimit.Registers)]
    [InlineData("sm_90", 256, 124, 44096, 2, OccupancyLimit.Registers)]
    [InlineData("sm_80", 256, 128, 44096, 2, OccupancyLimit.Registers)]
    [InlineData("sm_86", 256, 128, 44096, 2, OccupancyLimit.Registers)]
    [InlineData("sm_89", 256, 128, 44096, 2, OccupancyLimit.Registers)]
    [InlineData("sm_90", 256, 128, 44096, 2, OccupancyLimit.Registers)]
    [InlineData("sm_80", 1024, 32, 0, 2, OccupancyLimit.Warps)]
    [InlineData("sm_86", 1024, 32, 0, 1, OccupancyLimit.Warps)]
    [InlineData("sm_89", 1024, 32, 0, 1, OccupancyLimit.Warps)]
    [InlineData("sm_90", 1024, 32, 0, 2, OccupancyLimit.Warps)]
    [InlineData("sm_80", 1024, 33, 0, 1, OccupancyLimit.Registers)]
    [InlineData("sm_86", 1024, 33, 0, 1, OccupancyLimit.Warps)]
    [InlineData("sm_89", 1024, 33, 0, 1, OccupancyLimit.Warps)]
    [InlineData("sm_90", 1024, 33, 0, 1, OccupancyLimit.Registers)]
    [InlineData("sm_80", 1024, 64, 0, 1, OccupancyLimit.Registers)]
    [InlineData("sm_86", 1024, 64, 0, 1, OccupancyLimit.Warps)]
    [InlineData("sm_89", 1024, 64, 0, 1, OccupancyLimit.Warps)]
    [InlineData("sm_90", 1024, 64, 0, 1, OccupancyLimit.Registers)]
    [InlineData("sm_80", 1024, 65, 0, 0, OccupancyLimit.Registers)]
    [InlineData("sm_86", 1024, 65, 0, 0, OccupancyLimit.Registers)]
    [InlineData("sm_89", 1024, 65, 0, 0, OccupancyLimit.Registers)]
    [InlineData("sm_90", 1024, 65, 0, 0, OccupancyLimit.Registers)]
    [InlineData("sm_80", 96, 80, 0, 8, OccupancyLimit.Registers)]
    [InlineData("sm_86", 96, 80, 0, 8, OccupancyLimit.Registers)]
    [InlineData("sm_89", 96, 80, 0, 8, OccupancyLimit.Registers)]
    [InlineData("sm_90", 96, 80, 0, 8, OccupancyLimit.Registers)]
    [InlineData("sm_80", 160, 96, 0, 4, OccupancyLimit.Registers)]
    [InlineData("sm_86", 160, 96, 0, 4, OccupancyLimit.Registers)]
    [InlineData("sm_89", 160, 96, 0, 4, OccupancyLimit.Registers)]
    [InlineData("sm_90", 160, 96, 0, 4, OccupancyLimit.Registers)]
    [InlineData("sm_80", 256, 255, 0, 1, OccupancyLimit.Registers)]
    [InlineData("sm_86", 256, 255, 0, 1, OccupancyLimit.Registers)]
    [InlineData("sm_89", 256, 255, 0, 1, OccupancyLimit.Registers)]
    [InlineData("sm_90", 256, 255, 0, 1, OccupancyLimit.Registers)]
    [InlineData("sm_80", 128, 255, 0, 2, OccupancyLimit.Registers)]
    [InlineData("sm_86", 128, 255, 0, 2, OccupancyLimit.Registers)]
    [InlineData("sm_89", 128, 255, 0, 2, OccupancyLimit.Registers)]
    [InlineData("sm_90", 128, 255, 0, 2, OccupancyLimit.Registers)]
    [InlineData("sm_80", 64, 20, 12288, 12, OccupancyLimit.SharedMemory)]
    [InlineData("sm_86", 64, 20, 12288, 7, OccupancyLimit.SharedMemory)]
    [InlineData("sm_89", 64, 20, 12288, 7, OccupancyLimit.SharedMemory)]
    [InlineData("sm_90", 64, 20, 12288, 17, OccupancyLimit.SharedMemory)]
    [InlineData("sm_80", 128, 40, 49152, 3, OccupancyLimit.SharedMemory)]
    [InlineData("sm_86", 128, 40, 49152, 2, OccupancyLimit.SharedMemory)]
    [InlineData("sm_89", 128, 40, 49152, 2, OccupancyLimit.SharedMemory)]
    [InlineData("sm_90", 128, 40, 49152, 4, OccupancyLimit.SharedMemory)]
    [InlineData("sm_80", 64, 16, 1, 32, OccupancyLimit.Warps)]
    [InlineData("sm_86", 64, 16, 1, 16, OccupancyLimit.Blocks)]
    [InlineData("sm_89", 64, 16, 1, 24, OccupancyLimit.Warps)]
    [InlineData("sm_90", 64, 16, 1, 32, OccupancyLimit.Warps)]
    [InlineData("sm_80", 128, 168, 48128, 3, OccupancyLimit.Registers)]
    [InlineData("sm_86", 128, 168, 48128, 2, OccupancyLimit.SharedMemory)]
    [InlineData("sm_89", 128, 168, 48128, 2, OccupancyLimit.SharedMemory)]
    [InlineData("sm_90", 128, 168, 48128, 3, OccupancyLimit.Registers)]
    [InlineData("sm_80", 384, 168, 0, 1, OccupancyLimit.Registers)]
    [InlineData("sm_86", 384, 168, 0, 1, OccupancyLimit.Registers)]
    [InlineData("sm_89", 384, 168, 0, 1, OccupancyLimit.Registers)]
    [InlineData("sm_90", 384, 168, 0, 1, OccupancyLimit.Registers)]
    [InlineData("sm_80", 512, 128, 0, 1, OccupancyLimit.Registers)]
    [InlineData("sm_86", 512, 128, 0, 1, OccupancyLimit.Registers)]
    [InlineData("sm_89", 512, 128, 0, 1, OccupancyLimit.Registers)]
    [InlineData("sm_90", 512, 128, 0, 1, OccupancyLimit.Registers)]
    [InlineData("sm_80", 1024, 20, 1024, 2, OccupancyLimit.Warps)]
    [InlineData("sm_86", 1024, 20, 1024, 1, OccupancyLimit.Warps)]
    [InlineData("sm_89", 1024, 20, 1024, 1, OccupancyLimit.Warps)]
    [InlineData("sm_90", 1024, 20, 1024, 2, OccupancyLimit.Warps)]
    public void Occupancy_is_that_of_the_occupancy_calculator(string target, int threads, int registers, int sharedBytes, int blocks, OccupancyLimit limit)
    {
        MultiprocessorFacts sm = MultiprocessorFacts.Of(target)!;
        Occupancy occupancy = Occupancy.Of(sm, threads, registers, sharedBytes);
        int warps = blocks * ((threads + 31) / 32);
        Assert.Equal(new Occupancy(blocks, warps, (double)warps / sm.Warps, limit), occupancy);
    }

    [Fact]
    public void More_shared_memory_than_a_block_may_have_does_not_fit()
    {
        MultiprocessorFacts sm = MultiprocessorFacts.Of("sm_86")!;
        Assert.Equal(1, Occupancy.Of(sm, 128, 32, 99 << 10).Blocks);
        Assert.Equal(new Occupancy(0, 0, 0, OccupancyLimit.SharedMemory), Occupancy.Of(sm, 128, 32, (99 << 10) + 1));
        Assert.Equal(0, Occupancy.Of(sm, 128, 32, int.MaxValue).Blocks);
    }

    [Fact]
    public void An_architecture_is_known_or_not()
    {
        Assert.Equal(MultiprocessorFacts.Of("sm_90"), MultiprocessorFacts.Of("sm_90a"));
        Assert.Null(MultiprocessorFacts.Of("sm_70"));
        Assert.Null(MultiprocessorFacts.Of("compute_80"));
    }

    [Theory]
    [InlineData(0, 32, 0)]
    [InlineData(1025, 32, 0)]
    [InlineData(32, -1, 0)]
    [InlineData(32, 256, 0)]
    [InlineData(32, 32, -1)]
    public void Numbers_that_no_kernel_has_are_refused(int threads, int registers, int sharedBytes) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Occupancy.Of(MultiprocessorFacts.Of("sm_80")!, threads, registers, sharedBytes));
}
