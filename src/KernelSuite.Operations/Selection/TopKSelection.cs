using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Selection;

/// <summary>Selection on host memory in one call. For data that is on the device already use <see cref="TopKPlan"/>.</summary>
public static class TopKSelection
{
    /// <summary>Positions of the <paramref name="selected"/> largest of each row, ascending; ties to the lowest position, -1 after the last.</summary>
    /// <param name="device">Where to compute.</param>
    /// <param name="scores">[R, N], contiguous.</param>
    /// <param name="rows">R, of which the length of <paramref name="scores"/> is a multiple.</param>
    /// <param name="selected">K.</param>
    /// <param name="indices">[R, K].</param>
    /// <param name="cancellation">Checked between tasks on the cpu device.</param>
    /// <exception cref="ArgumentException">A size does not fit; names it.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public static void Select(Device device, ReadOnlySpan<float> scores, int rows, int selected, Span<int> indices, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        if (scores.Length % rows != 0) throw new ArgumentException($"'scores' holds {scores.Length} elements. Expected a multiple of R = {rows}.", nameof(scores));
        using var run = new HostRun(TopKPlan.Create(device, new TopKProblem(rows, scores.Length / rows, selected)));
        run.Check(TopKProblem.Indices, indices.Length);
        run.Write(TopKProblem.Scores, scores);
        run.Launch(cancellation);
        run.Read(TopKProblem.Indices, indices);
    }
}
