namespace KernelSuite.Runtime.OpenCl;

/// <summary>The files by which drivers announce themselves to the ICD loader; read for diagnosis only, the loader does the loading.</summary>
internal static class VendorFiles
{
    private const string DefaultFolder = "/etc/OpenCL/vendors";
    private const int MaxFiles = 64;
    private const int MaxLineChars = 4096;

    /// <summary>Variables by which the common ICD loaders are pointed elsewhere.</summary>
    private static readonly string[] Overrides = ["OCL_ICD_VENDORS", "OPENCL_VENDOR_PATH", "OCL_ICD_FILENAMES"];

    public static void Describe(List<LoadAttempt> attempts)
    {
        string folder = DefaultFolder;
        foreach (string name in Overrides)
        {
            if (Environment.GetEnvironmentVariable(name) is not { Length: > 0 } value) continue;
            attempts.Add(new LoadAttempt($"{name}={value}", true, "set: the ICD loader looks there"));
            if (name != "OCL_ICD_FILENAMES" && Directory.Exists(value)) folder = value;
        }

        try
        {
            if (!Directory.Exists(folder))
            {
                attempts.Add(new LoadAttempt(folder, false, "no such folder: no OpenCL driver is registered"));
                return;
            }

            string[] files = [.. Directory.EnumerateFiles(folder, "*.icd").Take(MaxFiles).Order(StringComparer.Ordinal)];
            if (files.Length == 0) attempts.Add(new LoadAttempt(folder, false, "holds no .icd file: no OpenCL driver is registered"));
            foreach (string file in files) attempts.Add(DescribeFile(file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            attempts.Add(new LoadAttempt(folder, false, error.Message));
        }
    }

    private static LoadAttempt DescribeFile(string file)
    {
        try
        {
            using var reader = new StreamReader(file);
            char[] head = new char[MaxLineChars];
            int read = reader.ReadBlock(head);
            string library = new string(head, 0, read).Split('\n')[0].Trim();
            return library.Length == 0
                ? new LoadAttempt(file, false, "is empty")
                : new LoadAttempt(file, true, $"names the driver {library}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new LoadAttempt(file, false, error.Message);
        }
    }
}
