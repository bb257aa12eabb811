using KernelSuite.Operations.Decode;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>The cache's side of an attention's operands.</summary>
internal static class StepOperands
{
    /// <summary>Sets keys, values, tables and lengths of a layer from KV head <paramref name="head"/> on.</summary>
    public static void Set(Span<DeviceSlice> operands, PagedStore store, int layer, int head)
    {
        PageGeometry g = store.Layout.Geometry;
        operands[DecodeProblem.K] = store.Part(0, g.DType.SizeOf());
        operands[DecodeProblem.V] = store.Part(g.ValueOffset, g.DType.SizeOf());
        operands[DecodeProblem.PageTable] = store.Table(layer, head);
        operands[DecodeProblem.KvLengths] = store.Lengths(layer, head);
        QuantisedOperands.SetSegment(operands, store, layer, head);
    }
}
