using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring;

/// <summary>Checks and operand descriptions that the scoring problems share.</summary>
internal static class ScoringRules
{
    /// <summary>Widest pooling. A window as wide as a page of keys no longer says anything about one key.</summary>
    public const int MaxPoolTaps = 63;

    public static void CheckDType(DType dtype)
    {
        if (dtype is not (DType.Float32 or DType.Float16 or DType.BFloat16))
            throw new ArgumentException($"dtype is {dtype.Name()}. Expected float32, float16 or bfloat16; convert the arrays first.", nameof(dtype));
    }

    public static void CheckLogits(float? scale, float softCap)
    {
        if (!float.IsFinite(softCap) || softCap < 0)
            throw new ArgumentOutOfRangeException(nameof(softCap), softCap, "Expected a positive finite soft-cap, or 0 for none.");
        if (scale is { } given && !float.IsFinite(given))
            throw new ArgumentOutOfRangeException(nameof(scale), given, "Expected a finite scale, or null for 1/sqrt(D).");
    }

    public static void CheckPoolTaps(int poolTaps)
    {
        if (poolTaps is < 1 or > MaxPoolTaps || poolTaps % 2 == 0)
            throw new ArgumentOutOfRangeException(nameof(poolTaps), poolTaps, $"Expected an odd number of taps from 1 (no pooling) to {MaxPoolTaps}.");
    }

    public static float DefaultScale(float? scale, int headDim) => scale ?? (float)(1 / Math.Sqrt(headDim));

    /// <summary>A [B, heads, rows, width] tensor with free strides.</summary>
    public static OperandSpec Tensor(string name, DType dtype, int batch, int heads, int rows, int width, TensorStrides strides) => new()
    {
        Name = name,
        DType = dtype,
        Shape = [batch, heads, rows, width],
        Strides = [strides.Batch, strides.Head, strides.Row, 1],
    };

    /// <summary>A contiguous tensor.</summary>
    public static OperandSpec Dense(string name, DType dtype, bool output, params ReadOnlySpan<long> shape) => new()
    {
        Name = name,
        DType = dtype,
        Shape = [.. shape],
        Strides = OperandSpec.Contiguous(shape),
        IsOutput = output,
    };
}
