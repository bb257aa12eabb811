namespace KernelSuite.Runtime.Tests;

/// <summary>Small OpenCL C programs for tests.</summary>
internal static class TestKernels
{
    public static ProgramSource Axpy { get; } = new("tests/axpy.cl", """
        __kernel void axpy(__global const float* x, __global float* y, float a, int n)
        {
            int i = get_global_id(0);
            if (i < n) y[i] = a * x[i] + y[i];
        }

        __kernel void group_sum(__global const float* x, __global float* sums, __local float* scratch)
        {
            int i = get_local_id(0);
            scratch[i] = x[get_global_id(0)];
            barrier(CLK_LOCAL_MEM_FENCE);
            if (i != 0) return;
            float sum = 0.0f;
            for (int j = 0; j < (int)get_local_size(0); j++) sum += scratch[j];
            sums[get_group_id(0)] = sum;
        }

        __kernel __attribute__((reqd_work_group_size(8, 1, 1))) void eight(__global float* y)
        {
            y[get_global_id(0)] = (float)get_group_id(0);
        }

        __kernel void is_null(__global const float* x, __global int* answer)
        {
            *answer = x == 0 ? 1 : 0;
        }
        """);

    /// <summary>A program whose text no other test has, so that the cache cannot know it.</summary>
    public static ProgramSource Unique(string body = "y[get_global_id(0)] = 7.0f;") =>
        new("tests/unique.cl", $"/* {Guid.NewGuid():N} */ __kernel void unique_kernel(__global float* y) {{ {body} }}");
}
