using KernelSuite.Operations.Decode;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Decode;

/// <summary>
/// Every code of both formats, as mixed_decode widens it: a sequence with one slot has its value as the output, with weight exactly 1, so what comes out is exactly the code's float, times the scale.
/// </summary>
public sealed class DecodeCodesTests
{
    private const int Dim = 256;

    public static TheoryData<string> Devices => TestDevices.All;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Every_e4m3_code_is_its_value(string id)
    {
        byte[] codes = [.. Enumerable.Range(0, 256).Select(c => (byte)c)];
        byte[] numbers = [.. codes.Select(c => float.IsNaN(Float8E4M3.Decode(c)) ? (byte)0 : c)];
        foreach (string implementation in Implementations(id))
        {
            float[] output = Decode(id, implementation, KvFormat.E4M3, 1, numbers, []);
            for (int c = 0; c < 256; c++) Assert.Equal(Float8E4M3.Decode(numbers[c]) * 2, output[c]);

            // A NaN code reaches its own column at least.
            output = Decode(id, implementation, KvFormat.E4M3, 1, codes, []);
            Assert.True(float.IsNaN(output[0x7F]) && float.IsNaN(output[0xFF]));
        }
    }

    /// <summary>A sequence for each factor; every group holds all 16 nibbles, each as the low and as the high half of a byte.</summary>
    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Every_int4_code_is_its_value_under_every_factor(string id)
    {
        int groups = KvFormat.Int4.GroupCount(Dim), bytes = KvFormat.Int4.CodeBytes(Dim);
        byte[] codes = new byte[256 * bytes], factors = new byte[256 * groups];
        for (int i = 0; i < codes.Length; i++) codes[i] = (byte)((i % 16) | ((15 - (i % 16)) << 4));
        for (int i = 0; i < factors.Length; i++) factors[i] = (byte)(i / groups);
        foreach (string implementation in Implementations(id))
        {
            float[] output = Decode(id, implementation, KvFormat.Int4, 256, codes, factors);
            for (int factor = 0; factor < 256; factor++)
            {
                for (int d = 0; d < Dim; d++)
                {
                    int within = d % 32, nibble = within < 16 ? within : 31 - within;
                    float expected = (nibble - 8) * Float8E4M3.Decode((byte)factor) * 2;
                    Assert.Equal(expected, output[(factor * Dim) + d]);
                }
            }
        }
    }

    private static IEnumerable<string> Implementations(string id)
    {
        Device device = DecodeBitsTests.Supported(id);
        return DecodeOperation.Mixed.Implementations(device.Info).Select(i => i.Name);
    }

    /// <summary>Values of one slot a sequence with scale 2; the keys are zeros.</summary>
    private static float[] Decode(string id, string implementation, KvFormat format, int batch, byte[] codes, byte[] groups)
    {
        Device device = DecodeBitsTests.Supported(id);
        var problem = new DecodeProblem(new(batch, 1, 1, 1, Dim), DecodeSegment.Contiguous(0), DType.Float32, quantised: new(format, DecodeSegment.Contiguous(1)));
        using var stream = device.CreateStream();
        using DecodePlan plan = DecodePlan.Create(device, problem, implementation);
        using DeviceBuffer<float> q = Upload(stream, device, new float[batch * Dim]), scales = Upload(stream, device, [.. Enumerable.Repeat(2f, batch)]);
        using DeviceBuffer<float> output = device.Allocate<float>(batch * Dim);
        using DeviceBuffer<byte> keys = Upload(stream, device, new byte[codes.Length]), values = Upload(stream, device, codes);
        using DeviceBuffer<byte> keyGroups = Upload(stream, device, new byte[Math.Max(groups.Length, 1)]), valueGroups = Upload(stream, device, groups.Length > 0 ? groups : [0]);
        var operands = new DeviceSlice[DecodeProblem.OperandCount];
        operands[DecodeProblem.Q] = q;
        operands[DecodeProblem.KCodes] = keys;
        operands[DecodeProblem.VCodes] = values;
        operands[DecodeProblem.KScales] = operands[DecodeProblem.VScales] = scales;
        operands[DecodeProblem.Out] = output;
        if (format == KvFormat.Int4)
        {
            operands[DecodeProblem.KGroups] = keyGroups;
            operands[DecodeProblem.VGroups] = valueGroups;
        }

        plan.Launch(stream, operands);
        float[] result = new float[batch * Dim];
        stream.Read<float>(output, result);
        return result;
    }

    private static DeviceBuffer<T> Upload<T>(DeviceStream stream, Device device, T[] data)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = device.Allocate<T>(data.Length);
        stream.Write<T>(data, buffer);
        return buffer;
    }
}
