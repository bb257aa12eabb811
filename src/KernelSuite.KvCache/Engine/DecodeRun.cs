using System.Numerics;
using KernelSuite.Operations.Decode;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>
/// Takes tokens into a cache that holds others. Several at once go in blocks, each one pass over the cache: every query sees the quantised rows and
/// the originals up to its own token, as it would alone. A block ends before a purge, so that the bytes held, and what each token sees, are those
/// of one token at a time.
/// </summary>
internal sealed class DecodeRun(PagedStore store, Purger purger) : IDisposable
{
    private readonly DeviceSlice[] operands = new DeviceSlice[DecodeProblem.OperandCount];

    /// <summary>Attention of 2, 4, 8 and 16 tokens, made when first needed: a block of any length is some of these.</summary>
    private readonly DecodePlan?[] blocks = new DecodePlan?[BitOperations.Log2(DecodeShape.MaxQueryLength)];

    private CacheLayout Layout => store.Layout;

    /// <summary>Bytes that the blocks' plans hold until <see cref="Release"/>.</summary>
    public long WorkspaceBytes
    {
        get
        {
            long bytes = 0;
            foreach (DecodePlan? plan in blocks) bytes += plan?.WorkspaceBytes ?? 0;
            return bytes;
        }
    }

    /// <summary>Takes in tokens of a layer and attends.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="pages">Pages that a head of it may have.</param>
    /// <param name="position">Position of the first token.</param>
    /// <param name="tokens">n, 1 or more.</param>
    /// <param name="q">[n, Hq, D].</param>
    /// <param name="k">[n, Hk, D].</param>
    /// <param name="v">[n, Hk, D].</param>
    /// <param name="output">[n, Hq, D], written.</param>
    /// <returns>Times that the layer was purged.</returns>
    public int Attend(
        DeviceStream stream, int layer, int pages, int position, int tokens, DeviceSlice q, DeviceSlice k, DeviceSlice v, DeviceSlice output)
    {
        long queryRow = (long)Layout.Shape.QueryHeads * Layout.Shape.HeadDim, row = (long)Layout.Shape.KvHeads * Layout.Shape.HeadDim;
        int purges = 0;
        for (int i = 0; i < tokens;)
        {
            int block = BlockLength(layer, pages, tokens - i);
            bool purged = AttendBlock(
                stream, layer, pages, position + i, block, q with { ElementOffset = q.ElementOffset + (i * queryRow) },
                output with { ElementOffset = output.ElementOffset + (i * queryRow) },
                k with { ElementOffset = k.ElementOffset + (i * row) }, v with { ElementOffset = v.ElementOffset + (i * row) });
            if (purged) purges++;
            i += block;
        }

        return purges;
    }

    /// <summary>Gives up the blocks' plans. Nothing of theirs may be under way.</summary>
    public void Release()
    {
        foreach (DecodePlan? plan in blocks) plan?.Dispose();
        Array.Clear(blocks);
    }

    public void Dispose() => Release();

    /// <summary>Tokens that can go at once: a power of two.</summary>
    private int BlockLength(int layer, int pages, int tokens)
    {
        // Sums of probabilities are taken token by token.
        if (tokens == 1 || Layout.Rules.Decode == DecodeScore.Accumulated) return 1;
        int most = Math.Min(tokens, DecodeShape.MaxQueryLength);
        if (Layout.Rules.Decode != DecodeScore.Never)
        {
            // A purge ranks by the probabilities of the token that it follows: that token goes alone.
            RowList first = store.Originals(layer, 0);
            long room = (Math.Max(pages - store.PagesHeld(layer, 0), 0) * (long)first.PageSlots) + first.Capacity - first.Count;
            most = (int)Math.Clamp(Layout.Spills ? room - 1 : room, 1, most);
        }

        return 1 << BitOperations.Log2((uint)most);
    }

    /// <summary>Attends with a block, and purges where the layer is full then.</summary>
    private bool AttendBlock(
        DeviceStream stream, int layer, int pages, int position, int tokens, DeviceSlice q, DeviceSlice output, DeviceSlice k, DeviceSlice v)
    {
        int slot = Append(stream, layer, position, tokens, k, v);
        RowList first = store.Originals(layer, 0);
        bool full = Layout.Rules.Decode != DecodeScore.Never && first.Count == first.Capacity && store.PagesHeld(layer, 0) >= pages;
        bool accumulates = Layout.Rules.Decode == DecodeScore.Accumulated;
        if (accumulates) purger.StartSums(stream, layer, slot);
        if (full && Layout.Spills)
        {
            purger.SpillAndPurge(stream, layer, pages, position + 1, q, output);
        }
        else if (accumulates)
        {
            purger.Spill(stream, layer, q, output);
        }
        else
        {
            StepOperands.Set(operands, store, layer, 0);
            operands[DecodeProblem.Q] = q;
            operands[DecodeProblem.Out] = output;
            (tokens == 1 ? store.Plans.Decode : Block(tokens)).Launch(stream, operands);
            if (full) purger.Purge(stream, layer, pages, position + tokens);
        }

        return full;
    }

    private DecodePlan Block(int tokens) =>
        blocks[BitOperations.Log2((uint)tokens) - 1] ??=
            DecodePlan.Create(store.Device, StorePlans.Attention(Layout, Layout.Shape.KvHeads, tokens, spill: false));

    /// <summary>Stores the tokens' rows.</summary>
    /// <returns>The first one's slot.</returns>
    private int Append(DeviceStream stream, int layer, int position, int tokens, DeviceSlice k, DeviceSlice v)
    {
        PageGeometry g = Layout.Geometry;
        int heads = Layout.Shape.KvHeads, size = g.DType.SizeOf(), slot = 0;
        long rowBytes = (long)g.HeadDim * size;
        bool tables = false;
        for (int h = 0; h < heads; h++)
        {
            RowList list = store.Originals(layer, h);
            slot = list.Count;
            tables |= list.Reserve(slot + tokens, store.Pool);
            list.Count = slot + tokens;
            for (int i = 0; i < tokens; i++)
            {
                list.SetPosition(slot + i, position + i);
                (int page, int row) = list.Locate(slot + i);
                long target = ((long)page * g.PageBytes) + (row * rowBytes);
                long source = (((long)i * heads) + h) * rowBytes;
                stream.Copy(k.Memory!, (k.ElementOffset * size) + source, store.Slab, target, rowBytes);
                stream.Copy(v.Memory!, (v.ElementOffset * size) + source, store.Slab, target + g.ValueOffset, rowBytes);
            }
        }

        store.Upload(stream, layer, tables);
        return slot;
    }
}
