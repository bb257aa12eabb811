using System.Buffers.Binary;
using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KernelSuite.KvCache.Decoding;

/// <summary>
/// Reads safetensors, strictly: 8 bytes of header length, a JSON header, the tensors one behind the other up to the end of the file. All that the
/// header claims is checked against the file's real size before memory of that size is asked for. Elements are read when asked for, so a
/// file may be larger than memory. Thread-safe.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    /// <summary>
    /// Longest header that is read, in bytes. The format allows 100 MB; a tensor's entry takes some 150 bytes, so this is room for a hundred thousand tensors.
    /// </summary>
    public const int MaxHeaderBytes = 16 << 20;

    private const int ChunkElements = 64 * 1024;

    private readonly SafeFileHandle handle;
    private readonly Dictionary<string, SafetensorsTensor> tensors;

    private SafetensorsFile(string path, SafeFileHandle handle, Dictionary<string, SafetensorsTensor> tensors, Dictionary<string, string> metadata)
    {
        Path = path;
        this.handle = handle;
        this.tensors = tensors;
        Metadata = metadata;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors => tensors;

    /// <summary>The strings of __metadata__.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="SafetensorsFormatException">The file is not safetensors as this reader accepts it.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("Tensors are read on little-endian machines only.");
        SafeFileHandle handle = File.OpenHandle(path);
        try
        {
            long length = RandomAccess.GetLength(handle);
            Span<byte> prefix = stackalloc byte[8];
            if (length < 8 || !TryReadFully(handle, prefix, 0))
                throw new SafetensorsFormatException(path, $"{length} bytes", "8 bytes of header length first", "The file is cut short or is not safetensors.");
            ulong header = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
            if (header > (ulong)(length - 8))
            {
                throw new SafetensorsFormatException(
                    path, string.Create(CultureInfo.InvariantCulture, $"a header length of {header} with {length - 8} bytes behind it"), "a header inside the file",
                    "The file is cut short or is not safetensors.");
            }

            if (header > MaxHeaderBytes)
            {
                throw new SafetensorsFormatException(
                    path, string.Create(CultureInfo.InvariantCulture, $"a header of {header} bytes"), string.Create(CultureInfo.InvariantCulture, $"at most {MaxHeaderBytes}"),
                    "The file is damaged, or its metadata is too large; write it again without.");
            }

            byte[] text = new byte[header];
            if (!TryReadFully(handle, text, 8)) throw CutShort(path, "the header");
            (Dictionary<string, SafetensorsTensor> tensors, Dictionary<string, string> metadata) = SafetensorsHeader.Parse(path, text, 8 + (long)header, length);
            return new SafetensorsFile(path, handle, tensors, metadata);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Reads a run of a tensor's elements in C order, widened to float32 exactly.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="first">First element.</param>
    /// <param name="target">Filled with the elements from <paramref name="first"/> on.</param>
    /// <exception cref="ArgumentException">The run lies outside the tensor, or the tensor is not of this file.</exception>
    /// <exception cref="NotSupportedException">The tensor is not F32, F16 or BF16.</exception>
    /// <exception cref="SafetensorsFormatException">The file has become shorter since it was opened.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public void Read(SafetensorsTensor tensor, long first, Span<float> target)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ObjectDisposedException.ThrowIf(handle.IsClosed, this);
        if (!tensors.TryGetValue(tensor.Name, out SafetensorsTensor? own) || !ReferenceEquals(own, tensor))
            throw new ArgumentException($"The tensor '{tensor.Name}' is not of the file {Path}. Take it from {nameof(Tensors)}.", nameof(tensor));
        if (!tensor.IsReadable)
            throw new NotSupportedException($"{Path}: the tensor '{tensor.Name}' is {tensor.DType}. Expected F32, F16 or BF16; convert the checkpoint first.");
        if (first < 0 || first > tensor.ElementCount - target.Length)
            throw new ArgumentOutOfRangeException(nameof(first), first, $"'{tensor.Name}' has {tensor.ElementCount} elements; {target.Length} were asked for.");

        int size = SafetensorsTensor.ElementSize(tensor.DType);
        long offset = tensor.Offset + (first * size);
        if (tensor.DType == "F32")
        {
            Fill(MemoryMarshal.AsBytes(target), offset, tensor.Name);
            return;
        }

        byte[] buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(Math.Min(target.Length, ChunkElements) * size);
        try
        {
            while (!target.IsEmpty)
            {
                int count = Math.Min(target.Length, ChunkElements);
                Span<byte> bytes = buffer.AsSpan(0, count * size);
                Fill(bytes, offset, tensor.Name);
                Widen(tensor.DType, bytes, target[..count]);
                target = target[count..];
                offset += bytes.Length;
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    private static void Widen(string dtype, ReadOnlySpan<byte> bytes, Span<float> target)
    {
        if (dtype == "F16")
        {
            TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), target);
            return;
        }

        ReadOnlySpan<ushort> words = MemoryMarshal.Cast<byte, ushort>(bytes);
        for (int i = 0; i < words.Length; i++) target[i] = BitConverter.UInt32BitsToSingle((uint)words[i] << 16);
    }

    private static bool TryReadFully(SafeFileHandle handle, Span<byte> target, long offset)
    {
        while (!target.IsEmpty)
        {
            int count = RandomAccess.Read(handle, target, offset);
            if (count == 0) return false;
            target = target[count..];
            offset += count;
        }

        return true;
    }

    private static SafetensorsFormatException CutShort(string path, string what) =>
        new(path, $"the end of the file inside {what}", "the length that the file had when it was opened", "Something else changes the file; copy it first.");

    private void Fill(Span<byte> target, long offset, string tensor)
    {
        if (!TryReadFully(handle, target, offset)) throw CutShort(Path, $"the tensor '{tensor}'");
    }
}
