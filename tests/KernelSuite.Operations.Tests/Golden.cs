namespace KernelSuite.Operations.Tests;

/// <summary>Finds the committed golden files from wherever the tests run.</summary>
internal static class Golden
{
    /// <summary>Path of a file or folder under tests/golden.</summary>
    public static string Path(params string[] parts)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string golden = System.IO.Path.Combine(folder.FullName, "tests", "golden");
            if (Directory.Exists(golden)) return System.IO.Path.Combine([golden, .. parts]);
        }

        throw new DirectoryNotFoundException($"No tests/golden above {AppContext.BaseDirectory}.");
    }
}
