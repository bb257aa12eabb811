using System.Buffers.Binary;
using System.Text;

namespace KernelSuite.KvCache.Tests.Decoding;

/// <summary>Puts safetensors files together, sound and unsound.</summary>
internal static class SafetensorsBytes
{
    /// <summary>Two tensors, ten bytes of data.</summary>
    public const string Sound =
        """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[1,1],"data_offsets":[8,10]}}""";

    /// <summary>Header length, header, data.</summary>
    public static byte[] Make(string header, int data = 10, long? claimedLength = null) => Make(Encoding.UTF8.GetBytes(header), data, claimedLength);

    public static byte[] Make(byte[] header, int data = 10, long? claimedLength = null)
    {
        byte[] file = new byte[8 + header.Length + data];
        BinaryPrimitives.WriteInt64LittleEndian(file, claimedLength ?? header.Length);
        header.CopyTo(file, 8);
        for (int i = 0; i < data; i++) file[8 + header.Length + i] = (byte)(i + 1);
        return file;
    }

    /// <summary>Writes bytes to a file of their own and hands its path to <paramref name="use"/>.</summary>
    public static T With<T>(byte[] bytes, Func<string, T> use)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, bytes);
            return use(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
