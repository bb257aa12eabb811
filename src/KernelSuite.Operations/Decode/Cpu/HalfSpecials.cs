using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>Looks for infinities and NaN among float16 rows, which the fast widening takes for numbers.</summary>
internal static unsafe class HalfSpecials
{
    private const ushort LeastExponent = 0x0400, Sign = 0x8000;

    /// <summary>Whether one of the first <paramref name="width"/> elements of a row is not finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Any(byte** rows, int count, int width)
    {
        // Adding 1 to an exponent of all ones, and to no other, turns the sign round: an addition and a ternary logic operation for 32 elements.
        Vector512<ushort> one = Vector512.Create(LeastExponent), turned = Vector512<ushort>.Zero;
        Vector128<ushort> rest = Vector128<ushort>.Zero;
        int last = 0;
        for (int j = 0; j < count; j++)
        {
            ushort* row = (ushort*)rows[j];
            int d = 0;
            if (Vector512.IsHardwareAccelerated)
            {
                for (; d + Vector512<ushort>.Count <= width; d += Vector512<ushort>.Count)
                {
                    Vector512<ushort> x = Vector512.Load(row + d);
                    turned |= (x + one) ^ x;
                }
            }

            for (; d + Vector128<ushort>.Count <= width; d += Vector128<ushort>.Count)
            {
                Vector128<ushort> x = Vector128.Load(row + d);
                rest |= (x + Vector128.Create(LeastExponent)) ^ x;
            }

            for (; d < width; d++) last |= (row[d] + LeastExponent) ^ row[d];
        }

        return ((last & Sign) != 0) || (rest & Vector128.Create(Sign)) != Vector128<ushort>.Zero
            || (turned & Vector512.Create(Sign)) != Vector512<ushort>.Zero;
    }
}
