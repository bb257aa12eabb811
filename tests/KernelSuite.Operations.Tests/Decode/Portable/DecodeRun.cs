using KernelSuite.Operations.Decode;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Tests.Decode.Portable;

/// <summary>
/// One launch of a problem whose contents are a function of head, slot and column, not of the page or the batch; slots behind a length, and quantised ones, hold NaN.
/// </summary>
internal sealed class DecodeRun : IDisposable
{
    private readonly DecodeProblem problem;
    private readonly DeviceMemory?[] memory;
    private readonly DeviceStream stream;

    public DecodeRun(Device device, DecodeProblem problem, int[] lengths, int[]? table = null)
    {
        this.problem = problem;
        stream = device.CreateStream();
        using var host = new HostOperands(problem);
        foreach (int operand in new[] { DecodeProblem.Q, DecodeProblem.K, DecodeProblem.V }) Fill(host, operand, lengths, table);
        if (host[DecodeProblem.KvLengths] is not null) lengths.CopyTo(host.Data<int>(DecodeProblem.KvLengths));
        table?.CopyTo(host.Data<int>(DecodeProblem.PageTable));
        foreach (int operand in new[] { DecodeProblem.KScales, DecodeProblem.VScales })
            if (host[operand] is not null) host.Data<float>(operand).Fill(float.NaN);
        memory = new DeviceMemory?[host.Count];
        var slices = new DeviceSlice[host.Count];
        for (int i = 0; i < host.Count; i++)
        {
            if (host[i] is not { } array || array.Length == 0) continue;
            memory[i] = device.Allocate(array.DType, array.Length);
            slices[i] = new DeviceSlice(memory[i], 0);
            stream.WriteBytes(array.Bytes, memory[i]!, 0);
        }

        using DecodePlan plan = DecodePlan.Create(device, problem);
        plan.Launch(stream, slices);
        stream.Synchronize();
    }

    /// <summary>The output's bytes.</summary>
    public byte[] Outputs()
    {
        DeviceMemory output = memory[DecodeProblem.Out]!;
        byte[] bytes = new byte[output.ByteLength];
        stream.ReadBytes(output, 0, bytes);
        return bytes;
    }

    /// <summary>The output of a float32 problem.</summary>
    public float[] Floats() => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(Outputs()).ToArray();

    public void Dispose()
    {
        foreach (DeviceMemory? m in memory) m?.Dispose();
        stream.Dispose();
    }

    private void Fill(HostOperands host, int operand, int[] lengths, int[]? table)
    {
        OperandSpec spec = problem.Operands[operand]!;
        bool cached = operand != DecodeProblem.Q;
        if (!cached) table = null;
        int pageSize = problem.Original.BlockSlots;
        for (int outer = 0; outer < spec.Shape[0]; outer++)
            for (int head = 0; head < spec.Shape[1]; head++)
                for (int row = 0; row < spec.Shape[2]; row++)
                {
                    int page = table is null ? -1 : Array.IndexOf(table, outer);
                    int slot = table is null ? row : page < 0 ? int.MaxValue : (page * pageSize) + row;
                    bool absent = cached && slot >= lengths[table is null ? outer : 0];
                    for (int d = 0; d < spec.Shape[3]; d++)
                    {
                        float x = absent ? float.NaN : MathF.Sin((operand * 7.1f) + (head * 3.3f) + (slot * 1.7f) + (d * 0.9f)) * 2;
                        Set(host, operand, (outer * spec.Strides[0]) + (head * spec.Strides[1]) + (row * spec.Strides[2]) + d, x);
                    }
                }
    }

    private void Set(HostOperands host, int operand, long index, float value)
    {
        if (problem.DType == DType.BFloat16) host.Data<BFloat16>(operand)[(int)index] = (BFloat16)value;
        else host.Data<float>(operand)[(int)index] = value;
    }
}
