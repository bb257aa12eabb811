namespace KernelSuite.Operations.Selection.Cpu;

/// <summary>Where a row's selection stands. Of the scores that equal <see cref="Threshold"/> the first <see cref="Wanted"/> are taken.</summary>
internal struct SampledRow
{
    public int Length;
    public int Count;
    public int Wanted;
    public float Threshold;
    public SampledBounds Bounds;

    /// <summary>Whether candidates are copied with their positions and not marked: few are wanted, and none for sure.</summary>
    public bool IsSparse;

    /// <summary>Whether there is anything to choose: some are wanted, not all.</summary>
    public readonly bool IsSampled => Count > 0 && Count < Length;
}
