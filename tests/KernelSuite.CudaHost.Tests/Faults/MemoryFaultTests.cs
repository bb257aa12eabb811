using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Faults;

/// <summary>Out of bounds, freed, null and misaligned accesses to global memory; each beside the same kernel doing right.</summary>
public sealed class MemoryFaultTests : FaultTests
{
    private const string File = "fault_memory.cu";
    private static readonly LaunchShape Shape = new(3, ItemsX: 40);

    // 120 floats: the allocation ends at byte 480, in the middle of a 64-byte line.
    [SkippableTheory]
    [InlineData(120, "at the end of an allocation of 480 bytes")]
    [InlineData(121, "4 bytes past the end of an allocation of 480 bytes")]
    [InlineData(5000, "19520 bytes past the end of an allocation of 480 bytes")]
    [InlineData(-1, "4 bytes before an allocation of 480 bytes")]
    public void A_read_outside_names_the_allocation_and_the_distance(int at, string where)
    {
        using KernelRun run = Run(File, "stray_read");
        run.Buffer(new float[120]);
        run.Buffer(new float[120]);
        run.Value(7);
        run.Value(at);
        KernelFaultException fault = Fault(run, KernelFaultKind.OutOfBounds, Shape, "stray_read", File);
        Says(fault, where);
        Says(fault, "reads 4 bytes");
        Assert.Equal((1, 0, 0), fault.Block);
        Assert.Equal((7, 0, 0), fault.Thread);
        Assert.Equal(4, fault.Bytes);
        Assert.Equal("an allocation of 480 bytes", fault.Target);
    }

    [SkippableTheory]
    [InlineData(120)]
    [InlineData(-3)]
    public void A_write_outside_is_not_carried_out(int at)
    {
        using KernelRun run = Run(File, "stray_write");
        run.Buffer(new float[120]);
        run.Value(39);
        run.Value(at);
        Says(Fault(run, KernelFaultKind.OutOfBounds, Shape, "stray_write", File), "writes 4 bytes");
    }

    [SkippableFact]
    public void The_same_kernels_pass_inside_the_bounds_and_after_a_fault()
    {
        using KernelRun run = Run(File, "stray_read");
        float[] x = [.. Enumerable.Range(0, 120).Select(i => (float)i)];
        run.Buffer(x);
        int y = run.Buffer(new float[120]);
        run.Value(7);
        run.Value(119);
        run.Launch(Shape);
        float[] expected = [.. x];
        expected[47] = 119;
        Assert.Equal(expected, run.Read<float>(y));
    }

    [SkippableFact]
    public void An_atomic_outside_is_a_write()
    {
        using KernelRun run = Run(File, "stray_atomic");
        run.Buffer(new int[4]);
        run.Value(4);
        Says(Fault(run, KernelFaultKind.OutOfBounds, new LaunchShape(1), "stray_atomic", File), "writes 4 bytes");
    }

    [SkippableTheory]
    [InlineData(0UL, "at a null pointer")]
    [InlineData(16UL, "at a null pointer")]
    [InlineData(0x1234567890UL, "neither device memory nor shared memory nor the thread's own")]
    [InlineData(0xffffffffffffff00UL, "neither device memory nor shared memory nor the thread's own")]
    public void Wild_pointers_are_faults_not_crashes(ulong address, string where)
    {
        using KernelRun read = Run(File, "read_address");
        read.Value(address);
        read.Buffer(new float[1]);
        Says(Fault(read, KernelFaultKind.OutOfBounds, new LaunchShape(1), "read_address", File), where);
        using KernelRun write = Run(File, "write_address");
        write.Value(address);
        Says(Fault(write, KernelFaultKind.OutOfBounds, new LaunchShape(1), "write_address", File), where);
    }

    [SkippableFact]
    public void Freed_memory_is_recognised()
    {
        ulong address;
        using (KernelRun run = Run(File, "stray_atomic"))
        {
            run.Buffer(new int[25]);
            run.Value(25);
            // A fault tells where the buffer lies.
            address = Fault(run, KernelFaultKind.OutOfBounds, new LaunchShape(1), "stray_atomic", File).Address - 100;
        }

        using KernelRun late = Run(File, "read_address");
        late.Value(address + 8);
        late.Buffer(new float[1]);
        Says(Fault(late, KernelFaultKind.Freed, new LaunchShape(1), "read_address", File), "at offset 8 of a freed allocation of 100 bytes");
    }

    [SkippableTheory]
    [InlineData("load_float4", 1, 16)]
    [InlineData("load_float4", 2, 16)]
    [InlineData("load_member", 1, 8)]
    public void A_misaligned_vector_load_is_found_however_it_is_compiled(string kernel, int offset, int alignment)
    {
        using KernelRun run = Run(File, kernel);
        run.Buffer(new float[64]);
        run.Buffer(new float[1]);
        run.Value(offset);
        Says(Fault(run, KernelFaultKind.Misaligned, new LaunchShape(1), kernel, File), $"which is not a multiple of {alignment}");
    }

    [SkippableFact]
    public void A_misaligned_vector_store_and_integer_are_found()
    {
        using KernelRun store = Run(File, "store_float4");
        store.Buffer(new float[64]);
        store.Value(3);
        Says(Fault(store, KernelFaultKind.Misaligned, new LaunchShape(1), "store_float4", File), "which is not a multiple of 16");
        using KernelRun load = Run(File, "load_int");
        load.Buffer(new byte[64]);
        load.Buffer(new int[1]);
        load.Value(6);
        Says(Fault(load, KernelFaultKind.Misaligned, new LaunchShape(1), "load_int", File), "which is not a multiple of 4");
    }

    [SkippableFact]
    public void Aligned_vectors_pass()
    {
        using KernelRun run = Run(File, "load_float4");
        run.Buffer<float>([.. Enumerable.Range(0, 64).Select(i => (float)i)]);
        int y = run.Buffer(new float[1]);
        run.Value(4);
        run.Launch(new LaunchShape(1));
        Assert.Equal([4 + 5 + 6 + 7], run.Read<float>(y));
    }

    [SkippableFact]
    public void A_vector_across_the_end_is_found()
    {
        using KernelRun run = Run(File, "load_float4");
        run.Buffer(new float[6]);
        run.Buffer(new float[1]);
        run.Value(4);
        Fault(run, KernelFaultKind.OutOfBounds, new LaunchShape(1), "load_float4", File);
    }

    [SkippableFact]
    public void Tables_and_local_arrays_are_the_kernels_own()
    {
        using KernelRun table = Run(File, "read_table");
        int y = table.Buffer(new int[8]);
        table.Value(3);
        table.Launch(new LaunchShape(1, ItemsX: 8));
        Assert.Equal([9, 16, 25, 36, 49, 0, 1, 4], table.Read<int>(y));
        using KernelRun local = Run(File, "local_array");
        y = local.Buffer(new int[8]);
        local.Value(5);
        local.Launch(new LaunchShape(1, ItemsX: 8));
        Assert.Equal([0, 5, 10, 15, 20, 25, 30, 35], local.Read<int>(y));
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(0)]
    public void Copies_of_structures_are_checked_to_their_last_byte(int at)
    {
        using KernelRun run = Run(File, "copy_record");
        int[] records = [.. Enumerable.Range(0, 24)];
        run.Buffer(records);
        int y = run.Buffer(new int[24]);
        run.Value(at);
        if (at == 0)
        {
            run.Launch(new LaunchShape(1, ItemsX: 2));
            Assert.Equal(records, run.Read<int>(y));
        }
        else Assert.Equal((1, 0, 0), Fault(run, KernelFaultKind.OutOfBounds, new LaunchShape(1, ItemsX: 2), "copy_record", File).Thread);
    }
}
