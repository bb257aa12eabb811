using System.Runtime.InteropServices;

namespace KernelSuite.Counters.Tests.Oracles;

/// <summary>
/// Linear programs of GLPK, through its C library where that is installed (Debian: libglpk40): an oracle that shares no code with what it judges.
/// Tests only.
/// </summary>
internal sealed unsafe partial class Glpk : IDisposable
{
    private const string Library = "libglpk.so.40";
    private const int Minimise = 1, Lower = 2, Upper = 3, Optimal = 5, Off = 0;

    // glp_smcp is some 400 bytes in GLPK 5; it is filled by glp_init_smcp, and only its first field is set here.
    private const int ParameterBytes = 1024;

    private readonly nint problem = CreateProblem();

    /// <summary>Whether the library is here.</summary>
    public static bool IsPresent { get; } = NativeLibrary.TryLoad(Library, out _);

    /// <summary>What a test says that is skipped without it.</summary>
    public const string Missing = "GLPK is not installed (Debian and Ubuntu: apt-get install libglpk40).";

    /// <summary>min cost · x over rows · x ≤ limits, x ≥ 0.</summary>
    /// <returns>The least cost; null where no x satisfies the rows.</returns>
    public static double? Solve(double[] cost, double[][] rows, double[] limits)
    {
        using var program = new Glpk();
        return program.Run(cost, rows, limits);
    }

    public void Dispose() => DeleteProblem(problem);

    private double? Run(double[] cost, double[][] rows, double[] limits)
    {
        _ = TerminalOutput(Off);
        SetDirection(problem, Minimise);
        _ = AddRows(problem, rows.Length);
        _ = AddColumns(problem, cost.Length);
        for (int j = 0; j < cost.Length; j++)
        {
            SetColumnBounds(problem, j + 1, Lower, 0, 0);
            SetCost(problem, j + 1, cost[j]);
        }

        var places = new int[cost.Length + 1];
        var values = new double[cost.Length + 1];
        for (int i = 0; i < rows.Length; i++)
        {
            int length = 0;
            for (int j = 0; j < cost.Length; j++)
                if (rows[i][j] != 0) (places[++length], values[length]) = (j + 1, rows[i][j]);
            SetRowBounds(problem, i + 1, Upper, 0, limits[i]);
            fixed (int* place = places)
            fixed (double* value = values) SetRow(problem, i + 1, length, place, value);
        }

        byte* parameters = stackalloc byte[ParameterBytes];
        InitialiseParameters(parameters);
        *(int*)parameters = Off;
        int error = Simplex(problem, parameters);
        return error == 0 && Status(problem) == Optimal ? Objective(problem) : null;
    }

    [LibraryImport(Library, EntryPoint = "glp_create_prob")]
    private static partial nint CreateProblem();

    [LibraryImport(Library, EntryPoint = "glp_delete_prob")]
    private static partial void DeleteProblem(nint problem);

    [LibraryImport(Library, EntryPoint = "glp_term_out")]
    private static partial int TerminalOutput(int flag);

    [LibraryImport(Library, EntryPoint = "glp_set_obj_dir")]
    private static partial void SetDirection(nint problem, int direction);

    [LibraryImport(Library, EntryPoint = "glp_add_rows")]
    private static partial int AddRows(nint problem, int count);

    [LibraryImport(Library, EntryPoint = "glp_add_cols")]
    private static partial int AddColumns(nint problem, int count);

    [LibraryImport(Library, EntryPoint = "glp_set_col_bnds")]
    private static partial void SetColumnBounds(nint problem, int column, int type, double lower, double upper);

    [LibraryImport(Library, EntryPoint = "glp_set_row_bnds")]
    private static partial void SetRowBounds(nint problem, int row, int type, double lower, double upper);

    [LibraryImport(Library, EntryPoint = "glp_set_obj_coef")]
    private static partial void SetCost(nint problem, int column, double value);

    [LibraryImport(Library, EntryPoint = "glp_set_mat_row")]
    private static partial void SetRow(nint problem, int row, int length, int* places, double* values);

    [LibraryImport(Library, EntryPoint = "glp_init_smcp")]
    private static partial void InitialiseParameters(byte* parameters);

    [LibraryImport(Library, EntryPoint = "glp_simplex")]
    private static partial int Simplex(nint problem, byte* parameters);

    [LibraryImport(Library, EntryPoint = "glp_get_status")]
    private static partial int Status(nint problem);

    [LibraryImport(Library, EntryPoint = "glp_get_obj_val")]
    private static partial double Objective(nint problem);
}
