using System.Buffers.Binary;
using System.Text;

namespace KernelSuite.Operations.Tests.Arrays;

/// <summary>Composes .npy files by hand, so that a test can damage one part of them.</summary>
internal static class NpyBytes
{
    public const string Header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";

    public static byte[] Make(string header = Header, int version = 1, int payload = 24, int minor = 0)
    {
        string text = header + "\n";
        int prefix = version == 1 ? 10 : 12;
        byte[] file = new byte[prefix + Encoding.Latin1.GetByteCount(text) + payload];
        ReadOnlySpan<byte> magic = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', (byte)version, (byte)minor];
        magic.CopyTo(file);
        if (version == 1) BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(8), (ushort)text.Length);
        else BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(8), text.Length);
        Encoding.Latin1.GetBytes(text, file.AsSpan(prefix));
        return file;
    }

    public static HostArray Read(byte[] file) => NpyFile.Read(new MemoryStream(file), "test.npy");

    public static byte[] Write(HostArray array)
    {
        var stream = new MemoryStream();
        NpyFile.Write(stream, array);
        return stream.ToArray();
    }
}
