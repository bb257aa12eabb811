namespace KernelSuite.Counters.Models;

/// <summary>A place in a model's text.</summary>
/// <param name="Line">Line, from 1. Lines end with LF, CR LF or CR.</param>
/// <param name="Column">Column in UTF-16 code units, from 1. A tab is one column.</param>
public readonly record struct FlowPosition(int Line, int Column)
{
    /// <summary>"line:column".</summary>
    public override string ToString() => $"{Line}:{Column}";
}
