using System.Runtime.InteropServices;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>Tensors of the device as floats on the host and back.</summary>
internal static class HostRows
{
    /// <summary>Reads [rows, width] as floats.</summary>
    public static float[][] Read(DeviceStream stream, DeviceSlice slice, DType dtype, int rows, int width)
    {
        var bytes = new byte[(long)rows * width * dtype.SizeOf()];
        stream.ReadBytes(slice.Memory!, slice.ElementOffset * dtype.SizeOf(), bytes);
        var result = new float[rows][];
        for (int i = 0; i < rows; i++)
        {
            result[i] = new float[width];
            for (int j = 0; j < width; j++) result[i][j] = Element(bytes, dtype, ((long)i * width) + j);
        }

        return result;
    }

    /// <summary>Writes a row, rounded to <paramref name="dtype"/>.</summary>
    public static void Write(DeviceStream stream, ReadOnlySpan<float> row, DeviceSlice slice, DType dtype)
    {
        var bytes = new byte[row.Length * dtype.SizeOf()];
        for (int i = 0; i < row.Length; i++)
        {
            switch (dtype)
            {
                case DType.Float32: MemoryMarshal.Cast<byte, float>(bytes.AsSpan())[i] = row[i]; break;
                case DType.Float16: MemoryMarshal.Cast<byte, Half>(bytes.AsSpan())[i] = (Half)row[i]; break;
                default: MemoryMarshal.Cast<byte, BFloat16>(bytes.AsSpan())[i] = (BFloat16)row[i]; break;
            }
        }

        stream.WriteBytes(bytes, slice.Memory!, slice.ElementOffset * dtype.SizeOf());
    }

    private static float Element(byte[] bytes, DType dtype, long index) => dtype switch
    {
        DType.Float32 => MemoryMarshal.Cast<byte, float>(bytes)[(int)index],
        DType.Float16 => (float)MemoryMarshal.Cast<byte, Half>(bytes)[(int)index],
        _ => (float)MemoryMarshal.Cast<byte, BFloat16>(bytes)[(int)index],
    };
}
