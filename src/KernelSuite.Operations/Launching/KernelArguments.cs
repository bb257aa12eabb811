using KernelSuite.Runtime;

namespace KernelSuite.Operations.Launching;

/// <summary>Arguments of device kernels that plans set again and again.</summary>
internal static class KernelArguments
{
    /// <summary>Sets a buffer and the argument that carries its offset in elements.</summary>
    public static void SetOperand(this DeviceKernel kernel, int buffer, int offset, DeviceSlice operand)
    {
        kernel.SetBuffer(buffer, operand.Memory);
        kernel.SetValue(offset, operand.ElementOffset);
    }

    /// <summary>The build option that names a storage type, as kernels/storage.h reads it.</summary>
    public static int StorageCode(DType dtype) => dtype switch
    {
        DType.Float32 => 32,
        DType.Float16 => 16,
        DType.BFloat16 => 17,
        _ => throw new ArgumentException($"The kernels do not store {dtype.Name()}. Expected float32, float16 or bfloat16.", nameof(dtype)),
    };
}
