using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests;

/// <summary><c>cudahost-replay</c>: a recording, written here as KSUITE_CUDAHOST_RECORD writes it, in a process of its own.</summary>
public sealed class ReplayTests : IDisposable
{
    private const ulong Address = 0x200000010000;
    private readonly string folder = Directory.CreateTempSubdirectory("cudahost-replay").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [SkippableFact]
    public void A_launch_without_a_fault_tells_what_it_wrote()
    {
        Write("cudahost/ordered.cu", "ordered_by_barrier", 64);
        (int code, string output) = Replay(folder, "--races");
        Assert.Equal(0, code);
        Assert.Contains("ordered_by_barrier: no fault. 1 blocks, 64 threads, 2 barriers, 0 warp operations", output, StringComparison.Ordinal);
        Assert.Matches("0x200000010000 +256 bytes +[0-9a-f]{16} +written", output);
    }

    [SkippableFact]
    public void Races_are_found_where_they_are_asked_for()
    {
        Write("cudahost/fault_race.cu", "race_write_read", 64);
        Assert.Equal(0, Replay(folder).Code);
        (int code, string output) = Replay(folder, "--races");
        Assert.Equal(1, code);
        Assert.Matches(@"Kernel 'race_write_read', block \(0, 0, 0\), .* with nothing in between that orders the two\.", output);
        Assert.Matches(@"  at .*fault_race\.cu:\d+", output);
    }

    [SkippableFact]
    public void An_endless_launch_is_stopped_by_a_time_limit()
    {
        Write("cudahost/spinning.cu", "endless_barriers", 64, buffers: 2);
        (int code, string output) = Replay(folder, "--timeout", "1");
        Assert.Equal(1, code);
        Assert.Contains("more than 1 second", output, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("block 64 1 1", "block 64 1", "numbers below 2^32")]
    [InlineData("cudahost-recording 1", "cudahost-recording 9", "'cudahost-recording 1' in the first line")]
    [InlineData("allocation 0x200000010000", "allocation 0x200000010001", "not free")]
    [InlineData("argument ", "argument 0", "hexadecimal")]
    public void A_damaged_recording_is_refused_with_a_reason(string whole, string damaged, string reason)
    {
        Write("cudahost/ordered.cu", "ordered_by_barrier", 64);
        string file = Path.Combine(folder, "launch.txt");
        File.WriteAllText(file, File.ReadAllText(file).Replace(whole, damaged, StringComparison.Ordinal));
        (int code, string output) = Replay(folder);
        Assert.Equal(2, code);
        Assert.Contains(reason, output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_stack_of_an_impossible_size_is_refused()
    {
        Write("cudahost/ordered.cu", "ordered_by_barrier", 64);
        (int code, string output) = Run([folder], ("KSUITE_CUDAHOST_STACK", "lots"));
        Assert.Equal(2, code);
        Assert.Contains("KSUITE_CUDAHOST_STACK is 'lots'. Expected 16384 to 67108864 bytes.", output, StringComparison.Ordinal);
    }

    /// <summary>A recording of one block; every argument is the address of an allocation of zeros.</summary>
    private void Write(string program, string kernel, int threads, int buffers = 1)
    {
        // Skips where cudahost was not built.
        _ = TestDevices.Shared(TestDevices.CudaHost);
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        text.Write($"cudahost-recording 1\nlibrary {Environment.GetEnvironmentVariable("KSUITE_CUDAHOST_KERNELS")}\nprogram {program}\noptions \nkernel {kernel}\n");
        text.Write($"grid 1 1 1\nblock {threads} 1 1\ndynamic 0\nshared-limit 232448\nraces 0\nworkers 1\n");
        byte[] bytes = new byte[4 * threads];
        for (int i = 0; i < buffers; i++)
        {
            ulong address = Address + ((ulong)i << 20);
            text.Write($"argument {Convert.ToHexStringLower(MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in address)))}\n");
        }

        for (int i = 0; i < buffers; i++) text.Write($"allocation 0x{Address + ((ulong)i << 20):x} {bytes.Length}\n");
        File.WriteAllText(Path.Combine(folder, "launch.txt"), text.ToString());
        File.WriteAllBytes(Path.Combine(folder, "memory.bin"), new byte[bytes.Length * buffers]);
    }

    private static (int Code, string Output) Replay(params string[] arguments) => Run(arguments);

    private static (int Code, string Output) Run(string[] arguments, params (string Name, string Value)[] environment)
    {
        string library = Environment.GetEnvironmentVariable("KSUITE_CUDAHOST_LIBRARY") ?? string.Empty;
        string program = Path.Combine(Path.GetDirectoryName(library) ?? string.Empty, "cudahost-replay");
        Assert.True(File.Exists(program) || !TestDevices.CudaHostRequired, $"{program} was not built, and KSUITE_REQUIRE_CUDAHOST demands it.");
        Skip.If(!File.Exists(program), $"{program} was not built.");
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return (child.ExitCode, output + errors.Result);
    }
}
