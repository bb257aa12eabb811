using System.Runtime.InteropServices;

namespace KernelSuite.KvCache;

/// <summary>Saves and restores the reference cache.</summary>
internal static class ReferenceState
{
    public static void Save(KvFileWriter writer, ReferenceLayer[] layers, double[] running, int promptLength, int purges)
    {
        writer.Write(promptLength);
        writer.Write(purges);
        for (int l = 0; l < layers.Length; l++)
        {
            writer.Write(layers[l].Sums.Entropy);
            writer.Write(layers[l].Sums.Variance);
            writer.Write(layers[l].Sums.Kurtosis);
            writer.Write(running[l]);
            writer.Write(layers[l].Heads[0].Count);
            foreach (ReferenceRow row in layers[l].Heads.SelectMany(head => head))
            {
                writer.Write(row.Position);
                writer.Write(row.IsQuantised ? 1 : 0);
                writer.Write(MemoryMarshal.AsBytes(row.Key.AsSpan()));
                writer.Write(MemoryMarshal.AsBytes(row.Value.AsSpan()));
            }
        }
    }

    public static (int PromptLength, int Purges) Restore(KvFileReader reader, ReferenceLayer[] layers, double[] running, KvCacheShape shape, int capacity, int position)
    {
        int promptLength = reader.ReadInt32("prompt length", 0, position), purges = reader.ReadInt32("number of purges", 0, int.MaxValue);
        for (int l = 0; l < layers.Length; l++)
        {
            layers[l].SetSums((reader.ReadDouble("entropy"), reader.ReadDouble("variance"), reader.ReadDouble("kurtosis")));
            running[l] = reader.ReadDouble("ratio");
            int count = reader.ReadInt32("number of rows", 0, Math.Min(capacity, position));
            foreach (List<ReferenceRow> head in layers[l].Heads)
            {
                for (int i = 0; i < count; i++)
                {
                    int at = reader.ReadInt32("position of a row", 0, position - 1);
                    bool isQuantised = reader.ReadInt32("state of a row", 0, 1) == 1;
                    float[] key = new float[shape.HeadDim], value = new float[shape.HeadDim];
                    reader.Read(MemoryMarshal.AsBytes(key.AsSpan()), "rows");
                    reader.Read(MemoryMarshal.AsBytes(value.AsSpan()), "rows");
                    head.Add(new ReferenceRow(at, key, value, isQuantised));
                }
            }
        }

        return (promptLength, purges);
    }
}
