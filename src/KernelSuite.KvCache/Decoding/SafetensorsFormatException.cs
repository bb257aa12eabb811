namespace KernelSuite.KvCache.Decoding;

/// <summary>A file is not safetensors as this reader accepts it, or lacks a tensor that was asked for.</summary>
/// <inheritdoc/>
public sealed class SafetensorsFormatException(string path, string found, string expected, string nextStep, Exception? inner = null)
    : ModelFormatException(path, found, expected, nextStep, inner);
