using KernelSuite.Operations.Decode;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>The parts of quantised pages as operands.</summary>
internal static class QuantisedOperands
{
    /// <summary>Sets the destination of a quantisation to the pages' keys or values.</summary>
    public static void Set(Span<DeviceSlice> operands, PagedStore store, bool values)
    {
        PageGeometry g = store.Layout.Geometry;
        operands[KvQuantizeProblem.Codes] = store.Part(values ? g.ValueCodeOffset : 0, 1);
        operands[KvQuantizeProblem.Groups] = g.GroupBytes == 0 ? default : store.Part(values ? g.ValueGroupOffset : g.GroupOffset, 1);
        operands[KvQuantizeProblem.Scales] = store.Part(values ? g.ValueScaleOffset : g.ScaleOffset, sizeof(float));
    }

    /// <summary>Sets the quantised segment of an attention.</summary>
    public static void SetSegment(Span<DeviceSlice> operands, PagedStore store, int layer, int head)
    {
        PageGeometry g = store.Layout.Geometry;
        if (g.Format is null) return;
        operands[DecodeProblem.KCodes] = store.Part(0, 1);
        operands[DecodeProblem.VCodes] = store.Part(g.ValueCodeOffset, 1);
        if (g.GroupBytes > 0)
        {
            operands[DecodeProblem.KGroups] = store.Part(g.GroupOffset, 1);
            operands[DecodeProblem.VGroups] = store.Part(g.ValueGroupOffset, 1);
        }

        operands[DecodeProblem.KScales] = store.Part(g.ScaleOffset, sizeof(float));
        operands[DecodeProblem.VScales] = store.Part(g.ValueScaleOffset, sizeof(float));
        operands[DecodeProblem.QuantisedPageTable] = store.QuantisedTable(layer, head);
        operands[DecodeProblem.QuantisedLengths] = store.QuantisedLengths(layer, head);
    }
}
