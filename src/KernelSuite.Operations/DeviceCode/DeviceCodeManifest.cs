using System.Security.Cryptography;
using System.Text.Json;

namespace KernelSuite.Operations;

/// <summary>What is known about the checking of the embedded device code.</summary>
public enum DeviceCodeStatus
{
    /// <summary>The assembly was built without the CMake step: the text was never compiled at build time.</summary>
    NotBundled,

    /// <summary>The CMake step ran on this very text but found no compiler to check it with.</summary>
    Unchecked,

    /// <summary>The text was changed after the CMake step ran.</summary>
    Stale,

    /// <summary>The CMake step compiled this very text for every listed variant.</summary>
    Checked,
}

/// <summary>The result of comparing the embedded device code with the manifest that the CMake step wrote.</summary>
/// <param name="Status">Whether the text was checked.</param>
/// <param name="Compiler">The checking compiler's version line; empty where there was none.</param>
/// <param name="Variants">How many sets of build options were compiled.</param>
/// <param name="Differing">Sources whose text is not the one in the manifest, or that only one side knows.</param>
public sealed record DeviceCodeManifest(DeviceCodeStatus Status, string Compiler, int Variants, IReadOnlyList<string> Differing)
{
    /// <summary>One line for a report.</summary>
    public string Summary => Status switch
    {
        DeviceCodeStatus.Checked => $"checked at build time: {Variants} variants with {Compiler}",
        DeviceCodeStatus.Unchecked => "bundled, but not checked at build time: no clang was found; install clang and build again",
        DeviceCodeStatus.Stale => $"changed since it was checked: {string.Join(", ", Differing)}; run the CMake step (./build.sh build) again",
        _ => "not checked at build time: built without the CMake step (./build.sh build runs it)",
    };

    /// <summary>Compares the manifest's hashes with the embedded text.</summary>
    /// <param name="manifest">The manifest's bytes, or null where none is embedded.</param>
    /// <param name="paths">The embedded sources.</param>
    /// <param name="read">Gives a source's bytes.</param>
    /// <exception cref="InvalidOperationException">The embedded manifest is not one that this version writes.</exception>
    internal static DeviceCodeManifest Compare(byte[]? manifest, IReadOnlyList<string> paths, Func<string, byte[]> read)
    {
        if (manifest is null) return new DeviceCodeManifest(DeviceCodeStatus.NotBundled, string.Empty, 0, []);
        try
        {
            using JsonDocument document = JsonDocument.Parse(manifest);
            JsonElement root = document.RootElement;
            var hashes = root.GetProperty("sources").EnumerateArray()
                .ToDictionary(s => s.GetProperty("path").GetString()!, s => s.GetProperty("sha256").GetString()!, StringComparer.Ordinal);
            string[] differing =
            [
                .. paths.Where(p => !hashes.TryGetValue(p, out string? hash) || !Hash(read(p)).Equals(hash, StringComparison.OrdinalIgnoreCase)),
                .. hashes.Keys.Except(paths, StringComparer.Ordinal),
            ];
            bool compiled = root.GetProperty("checked").GetBoolean();
            DeviceCodeStatus status = differing.Length > 0 ? DeviceCodeStatus.Stale : compiled ? DeviceCodeStatus.Checked : DeviceCodeStatus.Unchecked;
            return new DeviceCodeManifest(
                status, root.GetProperty("compiler").GetString()!, root.GetProperty("variants").GetArrayLength(), differing);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidOperationException(
                "The embedded device code manifest cannot be read. Delete artifacts/device and build again.", error);
        }
    }

    private static string Hash(byte[] text) => Convert.ToHexString(SHA256.HashData(text));
}
