namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>Where a row comes from and goes to.</summary>
internal unsafe struct QuantizedRow
{
    public byte* Source, Codes, Groups;
    public float* Scales;
}
