using System.Globalization;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode.Portable;

/// <summary>
/// A program of the family: which text with which build options. Options are a list in a fixed order, because a program compiled ahead
/// of time is found by them.
/// </summary>
/// <param name="Name">The text's path below kernels/.</param>
/// <param name="Options">Build options.</param>
internal readonly record struct DecodeProgram(string Name, string Options)
{
    /// <summary>Work-items of a group of the merge on a GPU.</summary>
    private const int MergeItems = 64;

    /// <summary>The kernel that walks parts.</summary>
    public static DecodeProgram Split(DecodeProblem problem, DecodeTiles t)
    {
        string common = string.Create(
            CultureInfo.InvariantCulture,
            $"-DSTORAGE={KernelArguments.StorageCode(problem.DType)} -DQUANT={QuantCode(problem)} -DVEC={t.Vector} -DROWS={t.Rows} -DITEMS_X={t.ItemsX} -DITEMS_Y={t.ItemsY}");
        string rest = t.IsGroup
            ? string.Create(CultureInfo.InvariantCulture, $"-DSLOTS={t.Slots}")
            : string.Create(CultureInfo.InvariantCulture, $"-DTILE={t.Tile} -DCOLUMN_VECS={t.ColumnVectors}");
        return new DecodeProgram("attention/attention_decode.cl", $"{common} {rest}");
    }

    /// <summary>The kernel that merges parts; its groups have <see cref="MergeGroup"/> work-items.</summary>
    public static DecodeProgram Merge(DType dtype, DecodeTiles t) => new(
        "attention/lse_merge.cl",
        string.Create(CultureInfo.InvariantCulture, $"-DSTORAGE={KernelArguments.StorageCode(dtype)} -DVEC={t.Vector} -DITEMS_X={MergeGroup(t)}"));

    /// <summary>The two kernels of the baseline.</summary>
    public static DecodeProgram Naive(DType dtype) => new(
        "attention/attention_decode_naive.cl",
        string.Create(CultureInfo.InvariantCulture, $"-DSTORAGE={KernelArguments.StorageCode(dtype)} -DVEC=1"));

    /// <summary>Work-items of a group of the merge.</summary>
    public static int MergeGroup(DecodeTiles t) => t.IsGroup ? MergeItems : 1;

    /// <summary>Whether a device can have it.</summary>
    public Support SupportOn(DeviceInfo device) => DeviceCode.Supports(device, Name, Options);

    /// <summary>The quantised format as the kernels number it (QUANT); 0 without a quantised segment.</summary>
    public static int QuantCode(DecodeProblem problem) => problem.Quantised?.Format switch
    {
        null => 0,
        KvFormat.E4M3 => 8,
        _ => 4,
    };
}
