using KernelSuite.Runtime;

namespace KernelSuite.CudaHost.Tests.Ptx;

/// <summary>Floats that rounding to a narrow type gets wrong when it is wrong at all.</summary>
internal static class HardFloats
{
    /// <summary>
    /// Every value of the three types, every tie between two neighbours, both neighbours of each tie; float's own edges; NaNs; random
    /// bits. A multiple of four of them.
    /// </summary>
    public static float[] All { get; } = Make();

    private static float[] Make()
    {
        var values = new List<float>();
        AddType(values, 0x7C00, code => (float)BitConverter.UInt16BitsToHalf((ushort)code));
        AddType(values, 0x7F80, code => (float)new BFloat16((ushort)code));
        AddType(values, E4M3.NaN, code => (float)E4M3.Value(code));
        foreach (uint bits in (uint[])
            [
                0, 1, 2, 0x007FFFFF, 0x00800000, 0x3F7FFFFF, 0x477FE000, 0x477FEFFF, 0x477FF000, 0x477FF001, 0x7F7F7FFF, 0x7F7F8000, 0x7F7F8001, 0x7F7FFFFF,
                0x43E00000, 0x43E7FFFF, 0x43E80000, 0x43E80001, 0x43F00000, 0x7F800000, 0x7F800001, 0x7FA00000, 0x7FC00000, 0x7FFFFFFF,
            ])
        {
            values.Add(BitConverter.UInt32BitsToSingle(bits));
            values.Add(BitConverter.UInt32BitsToSingle(bits | 0x80000000));
        }

        var random = new Random(3);
        for (int i = 0; i < 50_000; i++) values.Add(BitConverter.UInt32BitsToSingle((uint)random.NextInt64(1L << 32)));
        while (values.Count % 4 != 0) values.Add(1);
        return [.. values];
    }

    private static void AddType(List<float> values, int codes, Func<int, float> value)
    {
        for (int code = 0; code < codes; code++)
        {
            float x = value(code);
            values.Add(x);
            values.Add(-x);
            if (code + 1 == codes) break;
            float tie = (float)(((double)x + value(code + 1)) / 2);
            foreach (float y in (float[])[tie, MathF.BitIncrement(tie), MathF.BitDecrement(tie)])
            {
                values.Add(y);
                values.Add(-y);
            }
        }
    }
}
