namespace KernelSuite.KvCache.Decoding;

/// <summary>A file of a model is not what this reader accepts. Says where, what was found, what was expected and what to do.</summary>
/// <param name="path">The file or folder.</param>
/// <param name="found">What it holds.</param>
/// <param name="expected">What the format or this reader asks for.</param>
/// <param name="nextStep">What the user can do about it.</param>
/// <param name="inner">The error underneath, if any.</param>
public class ModelFormatException(string path, string found, string expected, string nextStep, Exception? inner = null)
    : FormatException($"{path}: found {found}; expected {expected}. {nextStep}", inner)
{
    /// <summary>The file or folder.</summary>
    public string Path { get; } = path;

    /// <summary>What it holds.</summary>
    public string Found { get; } = found;

    /// <summary>What the format or this reader asks for.</summary>
    public string Expected { get; } = expected;

    /// <summary>What the user can do about it.</summary>
    public string NextStep { get; } = nextStep;
}
