using System.Runtime.CompilerServices;
using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>Scalar conversions between storage types and arithmetic types. Not for hot loops.</summary>
internal static class Storage
{
    /// <summary>Widens exactly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToSingle<T>(T value)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float)) return Unsafe.BitCast<T, float>(value);
        if (typeof(T) == typeof(Half)) return (float)Unsafe.BitCast<T, Half>(value);
        if (typeof(T) == typeof(BFloat16)) return (float)Unsafe.BitCast<T, BFloat16>(value);
        throw new NotSupportedException($"{typeof(T)} is not a storage type of the kernels.");
    }

    /// <summary>Rounds to nearest even.</summary>
    public static T FromSingle<T>(float value)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float)) return Unsafe.BitCast<float, T>(value);
        if (typeof(T) == typeof(Half)) return Unsafe.BitCast<Half, T>((Half)value);
        if (typeof(T) == typeof(BFloat16)) return Unsafe.BitCast<BFloat16, T>((BFloat16)value);
        throw new NotSupportedException($"{typeof(T)} is not a storage type of the kernels.");
    }

    /// <summary>Rounds by way of float.</summary>
    public static T FromDouble<T>(double value)
        where T : unmanaged => FromSingle<T>((float)value);

    /// <summary>Element <paramref name="index"/> of untyped storage, widened.</summary>
    public static double Read(HostArray array, long index) => array.DType switch
    {
        DType.Float32 => array.AsSpan<float>()[(int)index],
        DType.Float16 => (double)array.AsSpan<Half>()[(int)index],
        DType.BFloat16 => (float)array.AsSpan<BFloat16>()[(int)index],
        DType.Float64 => array.AsSpan<double>()[(int)index],
        DType.UInt8 => array.AsSpan<byte>()[(int)index],
        _ => array.AsSpan<int>()[(int)index],
    };
}
