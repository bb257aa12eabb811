using System.Runtime.CompilerServices;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>
/// Minimum, range and step of a group, as <see cref="KvQuantizeGroupsProblem"/> defines them. kernels/kvcache/kv_quantize_groups.cl is its twin.
/// </summary>
internal readonly record struct GroupRange(float Minimum, float Range, float Scale)
{
    /// <summary>2^126: what is not below it in magnitude does not count for a group's limits, so that no difference of limits overflows.</summary>
    public const float Limit = 8.507059173023462e+37f;

    /// <summary>2^-90: no difference that counts comes near the subnormal numbers, which some devices flush.</summary>
    public const float LeastRange = 8.077935669463161e-28f;

    /// <summary>Adding 2^23 leaves the nearest integer, ties to even, in the low bits.</summary>
    public const float RoundingBias = 8388608f;

    /// <summary>From the limits of a group; <paramref name="low"/> is above <paramref name="high"/> where no element counts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GroupRange Of(float low, float high, int levels)
    {
        if (low > high) return new(0, 0, 1);
        float minimum = MathF.Abs(low) < LeastRange ? 0 : low, range = high - minimum;
        return range < LeastRange ? new(minimum, 0, 1) : new(minimum, range, range / levels);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte Code(float value)
    {
        // A NaN is not above 0.
        float above = value - Minimum;
        above = above > 0 ? MathF.Min(above, Range) : 0;
        return (byte)BitConverter.SingleToUInt32Bits((above / Scale) + RoundingBias);
    }
}
