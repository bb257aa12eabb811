namespace KernelSuite.Operations.Attention;

/// <summary>Strides of a [B,H,N,D] tensor in elements; the last dimension is contiguous.</summary>
/// <param name="Batch">From one batch entry to the next.</param>
/// <param name="Head">From one head to the next.</param>
/// <param name="Row">From one row (token) to the next.</param>
public readonly record struct TensorStrides(long Batch, long Head, long Row)
{
    /// <summary>Strides of a contiguous [B,H,N,D] tensor.</summary>
    public static TensorStrides HeadMajor(int heads, int rows, int width) => new((long)heads * rows * width, (long)rows * width, width);

    /// <summary>Strides of a [B,H,N,D] view of a contiguous [B,N,H,D] tensor.</summary>
    public static TensorStrides TokenMajor(int heads, int rows, int width) => new((long)rows * heads * width, width, (long)heads * width);
}

/// <summary>Where the four tensors of an attention problem lie; null members are contiguous [B,H,N,D].</summary>
public sealed record AttentionLayout
{
    /// <summary>Strides of q.</summary>
    public TensorStrides? Q { get; init; }

    /// <summary>Strides of k.</summary>
    public TensorStrides? K { get; init; }

    /// <summary>Strides of v.</summary>
    public TensorStrides? V { get; init; }

    /// <summary>Strides of the output.</summary>
    public TensorStrides? Out { get; init; }
}
