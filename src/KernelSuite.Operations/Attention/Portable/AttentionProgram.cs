using System.Globalization;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Attention.Portable;

/// <summary>
/// A program of the family: which text with which build options. Options are a list in a fixed order, because a program compiled ahead
/// of time is found by them.
/// </summary>
/// <param name="Name">The text's path below kernels/.</param>
/// <param name="Options">Build options.</param>
internal readonly record struct AttentionProgram(string Name, string Options)
{
    private const string FusedName = "attention/attention_forward.cl";
    private const string NaiveName = "attention/attention_naive.cl";

    /// <summary>The fused kernel cut up by <paramref name="tiles"/>.</summary>
    public static AttentionProgram Fused(AttentionProblem problem, AttentionTiles tiles)
    {
        (int left, int right) = PortableAttention.Band(problem.Options);
        bool exact = tiles.Capacity == 0;
        int band = !exact || left >= 0 || right >= 0 ? 1 : 0;
        int headDim = exact ? problem.Shape.HeadDim : tiles.Capacity;
        int valueDim = exact ? problem.Shape.ValueDim : tiles.Capacity;
        return new AttentionProgram(FusedName, string.Create(
            CultureInfo.InvariantCulture,
            $"{Common(problem)} -DRUNTIME_DIMS={(exact ? 0 : 1)} -DHEAD_DIM={headDim} -DHEAD_DIM_V={valueDim} -DBAND={band} -DVEC={tiles.Vector} "
            + $"-DBLOCK_M={tiles.BlockM} -DBLOCK_N={tiles.BlockN} -DITEMS_X={tiles.ItemsX} -DITEMS_Y={tiles.ItemsY} -DLANE_VECS={tiles.LaneVectors} "
            + $"-DKEY_ROWS={tiles.KeyRows} -DOUT_ROWS={tiles.OutRows} -DKEEP_OUT={(tiles.KeepOut ? 1 : 0)} -DSTAGE_KV={(tiles.StageKv ? 1 : 0)}"));
    }

    /// <summary>The three kernels of the baseline, with vectors of <paramref name="vector"/> floats.</summary>
    public static AttentionProgram Naive(AttentionProblem problem, int vector) =>
        new(NaiveName, string.Create(CultureInfo.InvariantCulture, $"{Common(problem)} -DVEC={vector}"));

    private static string Common(AttentionProblem problem)
    {
        return string.Create(CultureInfo.InvariantCulture, $"-DSTORAGE={KernelArguments.StorageCode(problem.DType)} -DSOFTCAP={(problem.Options.SoftCap > 0 ? 1 : 0)}");
    }
}
