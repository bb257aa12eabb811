using System.Text;

namespace KernelSuite.Counters.Models;

/// <summary>Reads whole files that must not be large.</summary>
internal static class BoundedFile
{
    /// <summary>Reads a file. What grows beyond the bound while it is read, or is a device without end, is refused like a large file.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="FlowSyntaxException">It has more bytes.</exception>
    public static byte[] ReadBytes(string path, int most)
    {
        using FileStream stream = File.OpenRead(path);
        var buffer = new MemoryStream();
        byte[] block = new byte[1 << 14];
        for (int read; (read = stream.Read(block)) > 0;)
        {
            buffer.Write(block, 0, read);
            if (buffer.Length > most) throw new FlowSyntaxException(path, new FlowPosition(1, 1), $"more than {most} bytes", "a smaller file");
        }

        return buffer.ToArray();
    }

    /// <summary>Reads UTF-8 text. Bytes that are not UTF-8 become U+FFFD, which comments may hold and the language refuses elsewhere.</summary>
    public static string ReadText(string path, int most) => Encoding.UTF8.GetString(ReadBytes(path, most));
}
