namespace KernelSuite.Runtime.Tests.OpenCl;

/// <summary>Runs the kernel of <see cref="TestKernels.Unique"/>.</summary>
internal static class KernelResult
{
    public static float Of(Device device, DeviceProgram program)
    {
        using DeviceStream stream = device.CreateStream();
        using DeviceKernel kernel = program.CreateKernel("unique_kernel");
        using DeviceBuffer<float> y = device.Allocate<float>(1);
        kernel.SetBuffer(0, y.Memory);
        stream.Launch(kernel, new LaunchShape(1));
        float[] back = new float[1];
        stream.Read<float>(y, back);
        return back[0];
    }
}
