using System.Globalization;

namespace KernelSuite.Runtime;

/// <summary>Names a device: a backend (<c>cpu</c>, <c>opencl</c>, …) and an index within it.</summary>
/// <param name="Backend">The backend's name, lower case.</param>
/// <param name="Index">Zero-based index; -1 for backends that have a single device and take none.</param>
public readonly record struct DeviceId(string Backend, int Index = -1)
{
    /// <summary>The managed CPU device.</summary>
    public static DeviceId Cpu { get; } = new("cpu");

    /// <summary>Reads <c>cpu</c>, <c>opencl:0</c> and the like. A backend name alone means its first device.</summary>
    /// <exception cref="ArgumentException">The text is not of the form <c>name</c> or <c>name:index</c>.</exception>
    public static DeviceId Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string backend = colon < 0 ? text : text[..colon];
        int index = -1;
        bool valid = backend.Length is > 0 and <= 32 && backend.All(char.IsAsciiLetterOrDigit)
            && (colon < 0 || int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out index));
        if (!valid)
            throw new ArgumentException($"'{text}' is not a device id. Expected 'auto', 'cpu' or '<backend>:<index>' such as 'opencl:0'.", nameof(text));
        return new DeviceId(backend.ToLowerInvariant(), index);
    }

    /// <inheritdoc/>
    public override string ToString() => Index < 0 ? Backend : string.Create(CultureInfo.InvariantCulture, $"{Backend}:{Index}");
}
