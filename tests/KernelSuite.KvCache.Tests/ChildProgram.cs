using KernelSuite.KvCache.Tests.Cache;

namespace KernelSuite.KvCache.Tests;

/// <summary>What this assembly does as a child process: see <see cref="KernelSuite.Tests.ChildProcess"/>.</summary>
internal static class ChildProgram
{
    /// <summary>Entry point of the child.</summary>
    public static int Main(string[] args)
    {
        if (args is ["memory", string policy, string budget, string tokens])
        {
            MemoryRun.Run(policy, long.Parse(budget), int.Parse(tokens));
            return 0;
        }

        Console.Error.WriteLine("Run the tests with 'dotnet test'. As a child process: memory POLICY BUDGET TOKENS.");
        return 64;
    }
}
