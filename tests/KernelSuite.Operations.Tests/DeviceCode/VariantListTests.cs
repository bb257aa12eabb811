namespace KernelSuite.Operations.Tests.DeviceCode;

/// <summary>How cmake/Variants.cmake reads lists of build options. Skipped where there is no CMake.</summary>
public sealed class VariantListTests
{
    [SkippableTheory]
    [InlineData("a.cu -DX={1,2}  -DY={3,4}", "a.cu", "[-DX=1 -DY=3||-DX=1 -DY=4||-DX=2 -DY=3||-DX=2 -DY=4|]")]
    [InlineData("a.cu {,-DX=1} -DY", "a.cu", "[-DY||-DX=1 -DY|]")]
    [InlineData("a.cu @cudahost -DX", "a.cu", "[-DX|cudahost]")]
    [InlineData("a.cu @sm_89 @nvcc>=12.4 -DX\r\n-DZ # [;", "a.cu", "[-DX|sm_89 nvcc>=12.4|-DZ|]")]
    [InlineData("a.cu -DX\na.cu -DX", "a.cu", "[-DX|]")]
    [InlineData("", "a.cu", "[|]")]
    [InlineData("", "b.cl", "[]")]
    [InlineData("b.cl", "b.cl", "[|]")]
    [InlineData("b.cl -DX", "a.cu", "[|]")]
    public void A_list_gives_options_and_conditions(string list, string source, string expected) => Assert.Equal(expected, Read(list, source).Trim());

    [SkippableTheory]
    [InlineData("a.cu -DX={1,{2,3}}", "neither nested nor left open")]
    [InlineData("a.cu -DX={1,2", "neither nested nor left open")]
    [InlineData("a.cu @sm89 -DX", "is not a condition")]
    [InlineData("gone.cu -DX", "neither an option nor a source")]
    [InlineData("a.cu -DX=$(id)", "are not used in options")]
    [InlineData("a.cu @sm_89 -DX\na.cu -DX", "twice with different conditions")]
    [InlineData("a.cu -DA={1,2,3,4,5,6,7,8} -DB={1,2,3,4,5,6,7,8} -DC={1,2,3,4,5,6,7,8} -DD={1,2,3}", "More than 1024")]
    public void A_list_that_cannot_be_meant_is_refused(string list, string words) =>
        Assert.Contains(words, string.Join(' ', Read(list, "a.cu", fails: true).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);

    private static string Read(string list, string source, bool fails = false)
    {
        string root = Directory.CreateTempSubdirectory("ksuite-variants").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(root, "f"));
            foreach (string file in new[] { "a.cu", "b.cl" }) File.WriteAllText(Path.Combine(root, "f", file), string.Empty);
            if (list.Length > 0) File.WriteAllText(Path.Combine(root, "f", "variants-cuda.txt"), list);
            string script = Path.Combine(root, "read.cmake");
            File.WriteAllText(
                script,
                $$"""
                cmake_minimum_required(VERSION 3.25)
                include("{{CudaPrograms.RepositoryPath("cmake", "Variants.cmake")}}")
                cuda_variants_of("{{root}}" f/{{source}} options conditions)
                set(shown "")
                foreach(o c IN ZIP_LISTS options conditions)
                  string(STRIP "${o}" o)
                  string(STRIP "${c}" c)
                  list(APPEND shown "${o}|${c}")
                endforeach()
                list(JOIN shown "|" shown)
                execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "[${shown}]")
                """);
            return CMakeScript.Run(["-P", script], fails);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
