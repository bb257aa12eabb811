namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>A row between the finding of its scale and its coding.</summary>
internal unsafe struct QuantizedRow
{
    public byte* Source, Codes, Groups;
    public float* Scales;
    public float Scale;

    /// <summary>Whether the vector code takes it, and whether the coder of 64 elements at a time does.</summary>
    public bool IsPlain, IsWide;
}
