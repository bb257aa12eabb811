namespace KernelSuite.Operations.Tests.DeviceCode;

/// <summary>How cmake/ takes what toolkits newer than the one at hand print and write. Skipped where there is no CMake.</summary>
public sealed class CudaBuildTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ksuite-cuda-build").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>ptxas 13 names barriers and the cumulative stack, and says how long it took.</summary>
    [SkippableFact]
    public void A_bundle_is_made_from_what_ptxas_13_and_nvcc_13_write()
    {
        const string Log = """
            ptxas info    : 8 bytes gmem
            ptxas info    : Compiling entry function 'k' for 'sm_80'
            ptxas info    : Function properties for k
                64 bytes stack frame, 4 bytes spill stores, 8 bytes spill loads
            ptxas info    : Used 40 registers, used 1 barriers, 64 bytes cumulative stack size, 2048 bytes smem, 348 bytes cmem[0], 8 bytes cmem[2]
            ptxas info    : Compile time = 46.738 ms
            ptxas info    : Function properties for helper
                0 bytes stack frame, 16 bytes spill stores, 32 bytes spill loads
            """;
        CudaBundle bundle = Bundle("80", Log);
        KernelResources kernel = Assert.Single(Assert.Single(bundle.Programs).Kernels);
        Assert.Equal(("sm_80", 40, 2048, 64, 20, 40), (kernel.Target, kernel.Registers, kernel.SharedBytes, kernel.StackBytes, kernel.SpillStoreBytes, kernel.SpillLoadBytes));
        Assert.Equal((356, 128), (kernel.ConstantBytes, kernel.MaxThreads));
    }

    [SkippableFact]
    public void A_kernel_without_a_line_of_properties_has_its_own_figures()
    {
        const string Log = """
            ptxas info    : Compiling entry function 'k' for 'sm_90'
                0 bytes stack frame, 12 bytes spill stores, 12 bytes spill loads
            ptxas info    : Used 40 registers, used 0 barriers
            """;
        Assert.Equal(24, Assert.Single(Bundle("90", Log).Programs[0].Kernels).SpillBytes);
    }

    /// <summary>The parameters of a kernel are read from PTX, so a program for one architecture alone has to carry it too.</summary>
    [SkippableFact]
    public void A_program_for_90a_alone_carries_its_ptx()
    {
        const string Log = """
            ptxas info    : Compiling entry function 'k' for 'sm_90a'
            ptxas info    : Function properties for k
                0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
            ptxas info    : Used 168 registers, used 1 barriers
            """;
        BundledProgram program = Assert.Single(Bundle("90a", Log).Programs);
        Assert.Equal(["sm_90a", "compute_90a"], program.Images.Targets);
        Assert.False(program.Images.Read("compute_90a").IsEmpty);
    }

    [SkippableFact]
    public void A_log_that_does_not_tell_the_registers_is_refused()
    {
        string error = Make("80", "ptxas info    : Compiling entry function 'k' for 'sm_80'\nptxas info    : Function 'k': 40 registers\n", fails: true);
        Assert.Contains("does not say what k uses", string.Join(' ', error.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("13.0", "13.0.48", "")]
    [InlineData("12.4", "12.4.131", "")]
    [InlineData("11.7", "11.7.99", "is 11.7.99, and 11.8 or newer is needed")]
    [InlineData("", "", "does not name a release of CUDA")]
    public void The_nvcc_of_the_path_is_taken_before_any_other(string release, string version, string problem)
    {
        Program("nvcc", $"case $1 in --version) echo 'Cuda compilation tools, release {release}, V{version}';; esac");
        Program("ptxas", "exit 1");
        string[] said = Find(new() { ["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}" });
        if (problem.Length == 0) Assert.Equal([Path.Combine(folder, "nvcc"), version, string.Empty], said);
        else Assert.Contains(problem, said[2], StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("13.0.48", "")]
    [InlineData("11.8.89", "is not of its version 13.0.48")]
    public void A_ptxas_of_another_toolkit_is_refused(string version, string problem)
    {
        string nvcc = Program("nvcc", "case $1 in --version) echo 'Cuda compilation tools, release 13.0, V13.0.48';; esac");
        Directory.CreateDirectory(Path.Combine(folder, "other"));
        Program("other/ptxas", $"echo 'Cuda compilation tools, release 0, V{version}'");
        string[] said = Find(new() { ["PATH"] = $"{folder}/other:{Environment.GetEnvironmentVariable("PATH")}", ["KSUITE_NVCC"] = nvcc });
        Assert.Equal(problem.Length == 0, said[2].Length == 0);
        Assert.Contains(problem, said[2], StringComparison.Ordinal);
    }

    /// <summary>What find_cuda_toolkit says: nvcc, version, problem.</summary>
    private string[] Find(Dictionary<string, string?> environment)
    {
        Skip.If(OperatingSystem.IsWindows(), "The stand-ins are shell scripts.");
        string script = Path.Combine(folder, "find.cmake");
        File.WriteAllText(
            script,
            $$"""
            cmake_minimum_required(VERSION 3.25)
            include("{{CudaPrograms.RepositoryPath("cmake", "CudaToolkit.cmake")}}")
            find_cuda_toolkit(80)
            execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "${KSUITE_CUDA_NVCC}|${KSUITE_CUDA_VERSION}|${KSUITE_CUDA_PROBLEM}")
            """);
        foreach (string name in (string[])["CUDA_HOME", "CUDA_PATH", "KSUITE_NVCC", "KSUITE_NVCC_HOST"]) environment.TryAdd(name, null);
        return CMakeScript.Run(["-P", script], folder: folder, environment: environment).Trim().Split('|');
    }

    private CudaBundle Bundle(string architecture, string log)
    {
        Make(architecture, log, fails: false);
        return CudaBundle.Open(Path.Combine(folder, "out", "family.zip"));
    }

    private string Make(string architecture, string log, bool fails)
    {
        string File(string name, string text)
        {
            string path = Path.Combine(folder, name);
            System.IO.File.WriteAllText(path, text);
            return path;
        }

        string source = File("kernel.cu", "text");
        File($"k.sm_{architecture}.cubin", "machine code");
        File($"k.sm_{architecture}.cubin.log", log);
        File($"k.compute_{architecture}.ptx", $$"""
            .version 9.0
            .target sm_{{architecture}}
            .visible .entry k(
                .param .u64 .ptr .align 1 k_param_0
            )
            .maxntid 128
            .minnctapersm 2
            {
                ret;
            }
            """);
        string list = File("list.txt", $"source|family/kernel.cu|{source}\nprogram|family/kernel.cu|-DA=1|k|sm_{architecture} compute_{architecture}\n");
        return CMakeScript.Run(
            [$"-DLIST={list}", $"-DWORK={folder}", $"-DOUT={Path.Combine(folder, "out", "family.zip")}", "-DCOMPILER=nvcc 13.0.48", $"-DARCHITECTURES={architecture}",
                "-P", CudaPrograms.RepositoryPath("cmake", "CudaBundle.cmake")],
            fails);
    }

    private string Program(string name, string body)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
