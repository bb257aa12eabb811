using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using KernelSuite.Runtime.Cuda;

namespace KernelSuite.Cuda.Tests;

/// <summary>
/// Holds the numbers and names that are written down for the driver's interface against NVIDIA's cuda.h, where a toolkit is installed. The fake
/// driver cannot tell a wrong number: it was written from the same knowledge.
/// </summary>
public sealed partial class HeaderTests
{
    [SkippableFact]
    public void Results_have_the_headers_numbers()
    {
        Dictionary<string, int> header = Enumerators(Header());
        foreach (FieldInfo field in typeof(CudaStatus).GetFields().Where(f => f.IsLiteral))
        {
            string name = field.Name == nameof(CudaStatus.Success) ? "CUDA_SUCCESS" : "CUDA_ERROR_" + Snake(field.Name);
            // A newer code is not in an older header.
            if (field.Name is nameof(CudaStatus.Contained) or nameof(CudaStatus.TensorMemoryLeak) && !header.ContainsKey(name)) continue;
            Expect(header, name, (int)field.GetRawConstantValue()!);
        }
    }

    [SkippableFact]
    public void Attributes_options_and_flags_have_the_headers_numbers()
    {
        Dictionary<string, int> header = Enumerators(Header());
        foreach (DeviceAttribute value in Enum.GetValues<DeviceAttribute>()) Expect(header, "CU_DEVICE_ATTRIBUTE_" + Snake(value.ToString()), (int)value);
        foreach (FunctionAttribute value in Enum.GetValues<FunctionAttribute>()) Expect(header, "CU_FUNC_ATTRIBUTE_" + Snake(value.ToString()), (int)value);
        foreach (JitOption value in Enum.GetValues<JitOption>()) Expect(header, "CU_JIT_" + Snake(value.ToString()), (int)value);
        Expect(header, "CU_STREAM_NON_BLOCKING", (int)CudaConstants.StreamNonBlocking);
        Expect(header, "CU_EVENT_DEFAULT", (int)CudaConstants.EventDefault);
        Expect(header, "CU_EVENT_DISABLE_TIMING", (int)CudaConstants.EventDisableTiming);
        Expect(header, "CU_COMPUTEMODE_PROHIBITED", CudaConstants.ComputeModeProhibited);
        Expect(header, "CU_MEMHOSTALLOC_PORTABLE", (int)CudaConstants.MemHostAllocPortable);
    }

    /// <summary>
    /// cuda.h maps a plain name to the version that a program of its day means; taking the plain entry point then gives an older one, with 32-bit
    /// sizes for instance. Headers from 12.8 on mean versions that drivers of 11.4 lack, so they cannot tell; the older ones stay in the driver.
    /// </summary>
    [SkippableFact]
    public void Entry_points_have_the_headers_versions_and_as_many_parameters()
    {
        string header = Header();
        int version = Enumerators(header).GetValueOrDefault("CUDA_VERSION");
        Skip.If(version is < 11040 or >= 12080, $"The cuda.h that is installed is of version {version}; one from 11040 to 12079 tells.");
        foreach (MethodInfo call in typeof(CudaNative).GetMethods().Where(m => m.Name.StartsWith("cu", StringComparison.Ordinal)))
        {
            string plain = call.Name.EndsWith("_v2", StringComparison.Ordinal) ? call.Name[..^3] : call.Name;
            bool mapped = Regex.IsMatch(header, $@"#define {plain}\s+(__CUDA_API_PT[DS][SZ]\()?{plain}_v2\b");
            Assert.True(mapped == call.Name.EndsWith("_v2", StringComparison.Ordinal), $"{call.Name} is not the version that cuda.h means by {plain}.");
            Match declared = Regex.Match(header, $@"CUresult CUDAAPI {plain}\s*\(([^)]*)\)\s*;");
            Assert.True(declared.Success, $"cuda.h does not declare {plain}.");
            string parameters = declared.Groups[1].Value.Trim();
            Assert.Equal((call.Name, parameters is "void" or "" ? 0 : parameters.Split(',').Length), (call.Name, call.GetParameters().Length));
        }
    }

    private static void Expect(Dictionary<string, int> header, string name, int value)
    {
        Assert.True(header.TryGetValue(name, out int expected), $"cuda.h has no {name}.");
        Assert.True(expected == value, $"{name} is {expected} in cuda.h, and {value} here.");
    }

    /// <summary>DeviceUnavailable to DEVICE_UNAVAILABLE.</summary>
    private static string Snake(string name) => WordStart().Replace(name, "_").ToUpperInvariant();

    /// <summary>The constants of all enumerations, counted on where none is given, and the numeric macros.</summary>
    private static Dictionary<string, int> Enumerators(string header)
    {
        var values = new Dictionary<string, int>(StringComparer.Ordinal);
        string text = Comment().Replace(header, string.Empty);
        foreach (Match body in EnumBody().Matches(text))
        {
            long next = 0;
            foreach (string item in body.Groups[1].Value.Split(','))
            {
                string[] parts = item.Split('=', 2, StringSplitOptions.TrimEntries);
                if (parts[0].Trim().Length == 0) continue;
                if (parts.Length == 2)
                {
                    if (TryNumber(parts[1], out long given)) next = given;
                    else if (values.TryGetValue(parts[1], out int other)) next = other;
                    else continue;
                }

                values[parts[0].Trim()] = unchecked((int)next++);
            }
        }

        foreach (Match macro in Macro().Matches(text))
            if (TryNumber(macro.Groups[2].Value, out long given)) values.TryAdd(macro.Groups[1].Value, unchecked((int)given));
        return values;
    }

    private static bool TryNumber(string text, out long value) => text.StartsWith("0x", StringComparison.Ordinal)
        ? long.TryParse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out value)
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private static string Header()
    {
        string? file = new[] { Environment.GetEnvironmentVariable("CUDA_HOME"), Environment.GetEnvironmentVariable("CUDA_PATH"), "/usr/local/cuda", "/usr" }
            .Where(root => !string.IsNullOrEmpty(root)).Select(root => Path.Combine(root!, "include", "cuda.h")).FirstOrDefault(File.Exists);
        Skip.If(file is null, "No cuda.h is installed.");
        return File.ReadAllText(file!);
    }

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex WordStart();

    [GeneratedRegex(@"/\*.*?\*/|//[^\n]*", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\benum\s+\w*\s*\{([^}]*)\}")]
    private static partial Regex EnumBody();

    [GeneratedRegex(@"#define\s+(CU\w+)\s+(0x[0-9A-Fa-f]+|\d+)")]
    private static partial Regex Macro();
}
