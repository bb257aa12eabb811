using System.Runtime.CompilerServices;

namespace KernelSuite.Tests;

/// <summary>Keeps the programs that tests build beside the test assembly and out of the user's own cache.</summary>
internal static class TestCache
{
    [ModuleInitializer]
    internal static void Redirect()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KSUITE_CACHE_DIR")))
            Environment.SetEnvironmentVariable("KSUITE_CACHE_DIR", Path.Combine(AppContext.BaseDirectory, "kernel-cache"));
    }
}
