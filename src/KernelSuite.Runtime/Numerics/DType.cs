namespace KernelSuite.Runtime;

/// <summary>Element type of a tensor as it lies in memory.</summary>
public enum DType : byte
{
    /// <summary>IEEE 754 binary32.</summary>
    Float32,

    /// <summary>IEEE 754 binary16.</summary>
    Float16,

    /// <summary>The upper half of a binary32: 8 exponent bits, 7 fraction bits.</summary>
    BFloat16,

    /// <summary>IEEE 754 binary64.</summary>
    Float64,

    /// <summary>Signed 32-bit integer.</summary>
    Int32,

    /// <summary>Unsigned 8-bit integer; also the codes of 8-bit and packed 4-bit formats.</summary>
    UInt8,
}

/// <summary>Facts about <see cref="DType"/> values and their .NET counterparts.</summary>
public static class DTypes
{
    /// <summary>Size of one element in bytes.</summary>
    public static int SizeOf(this DType type) => type switch
    {
        DType.Float64 => 8,
        DType.Float32 or DType.Int32 => 4,
        DType.Float16 or DType.BFloat16 => 2,
        DType.UInt8 => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a known dtype."),
    };

    /// <summary>The name used in reports and on the command line, for example <c>float16</c>.</summary>
    public static string Name(this DType type) => type switch
    {
        DType.Float64 => "float64",
        DType.Float32 => "float32",
        DType.Float16 => "float16",
        DType.BFloat16 => "bfloat16",
        DType.Int32 => "int32",
        DType.UInt8 => "uint8",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a known dtype."),
    };

    /// <summary>Unit roundoff u: half the distance from 1 to the next larger value. Zero for integers.</summary>
    public static double UnitRoundoff(this DType type) => type switch
    {
        DType.Float64 => 1.0 / (1L << 53),
        DType.Float32 => 1.0 / (1 << 24),
        DType.Float16 => 1.0 / (1 << 11),
        DType.BFloat16 => 1.0 / (1 << 8),
        _ => 0,
    };

    /// <summary>The dtype that stores values of <typeparamref name="T"/>.</summary>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is not float, Half, BFloat16, double, int or byte.</exception>
    public static DType Of<T>()
        where T : unmanaged
    {
        if (typeof(T) == typeof(float)) return DType.Float32;
        if (typeof(T) == typeof(Half)) return DType.Float16;
        if (typeof(T) == typeof(BFloat16)) return DType.BFloat16;
        if (typeof(T) == typeof(double)) return DType.Float64;
        if (typeof(T) == typeof(int)) return DType.Int32;
        if (typeof(T) == typeof(byte)) return DType.UInt8;
        throw new NotSupportedException(
            $"No dtype stores {typeof(T)}. Use float, Half, {nameof(BFloat16)}, double, int or byte.");
    }
}
