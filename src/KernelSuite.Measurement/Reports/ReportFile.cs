using System.Text;
using KernelSuite.Operations;

namespace KernelSuite.Measurement;

/// <summary>Reports on disk.</summary>
public static class ReportFile
{
    /// <summary>Writes a text whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, string text) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
}
