using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Tests;

/// <summary>The kernels that peaks are measured with do all of the work that the meter counts: less of it would look like a faster device.</summary>
public sealed class MeasurementKernelTests
{
    private const int Groups = 3;
    private const int Items = 32;

    /// <summary>Devices that run programs, with the options that each can have.</summary>
    public static TheoryData<string, string> Copies
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string id in TestDevices.OpenClIds) data.Add(id, "-DCONTIGUOUS=1");
            foreach (string id in TestDevices.OpenClIds.Concat(TestDevices.CudaLanguageIds)) data.Add(id, "-DCONTIGUOUS=0");
            return data;
        }
    }

    /// <summary>The same for the multiply-adds: vector width and chains.</summary>
    public static TheoryData<string, int, int> Chains
    {
        get
        {
            var data = new TheoryData<string, int, int>();
            foreach (string id in TestDevices.OpenClIds) data.Add(id, 16, 24);
            foreach (string id in TestDevices.OpenClIds.Concat(TestDevices.CudaLanguageIds))
            {
                data.Add(id, 1, 8);
                data.Add(id, 1, 16);
            }

            return data;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Copies))]
    public void Everything_is_copied(string id, string options)
    {
        Device device = TestDevices.Shared(id);
        // The kernel counts in float4, a multiple of the number of work-items.
        const int Vectors = Groups * Items * 5;
        float[] values = [.. Enumerable.Range(1, 4 * Vectors).Select(i => (float)i)];
        using DeviceBuffer<float> source = device.Allocate<float>(values.Length), target = device.Allocate<float>(values.Length);
        using DeviceStream stream = device.CreateStream();
        stream.Write<float>(values, source);
        stream.Fill(target.Memory, 0, target.Memory.ByteLength, 0xff);
        using DeviceProgram program = device.BuildProgram(DeviceCode.Source(device.Info, "measurement/copy.cl", options));
        using DeviceKernel kernel = program.CreateKernel("copy");
        kernel.SetBuffer(0, source.Memory);
        kernel.SetBuffer(1, target.Memory);
        kernel.SetValue(2, (long)Vectors);
        stream.Launch(kernel, new LaunchShape(Groups, ItemsX: Items));
        var copied = new float[values.Length];
        stream.Read(target, copied.AsSpan());
        Assert.Equal(values, copied);
    }

    [SkippableTheory]
    [MemberData(nameof(Chains))]
    public void Every_chain_is_computed_by_every_work_item(string id, int width, int chains)
    {
        Device device = TestDevices.Shared(id);
        const int Steps = 100;
        using DeviceBuffer<float> sink = device.Allocate<float>(Groups * Items * width);
        using DeviceStream stream = device.CreateStream();
        stream.Fill(sink.Memory, 0, sink.Memory.ByteLength, 0xff);
        using DeviceProgram program = device.BuildProgram(DeviceCode.Source(device.Info, "measurement/peak.cl", $"-DWIDTH={width} -DCHAINS={chains}"));
        using DeviceKernel kernel = program.CreateKernel("fma_peak");
        kernel.SetBuffer(0, sink.Memory);
        kernel.SetValue(1, 0.5f);
        kernel.SetValue(2, Steps);
        stream.Launch(kernel, new LaunchShape(Groups, ItemsX: Items));
        var sums = new float[sink.Length];
        stream.Read(sink, sums.AsSpan());
        // Each chain starts at its own number and adds factor * 1e-3 a step.
        double expected = (chains * (chains - 1) / 2) + (chains * Steps * 0.5e-3);
        Assert.All(sums, sum => Assert.Equal(expected, sum, 0.02));
    }
}
