using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>
/// A key/value cache within a budget of bytes: a policy says which tokens of each layer and KV head stay in full, which are quantised, and which are evicted. Everything that it
/// will ever hold is allocated at construction, so <see cref="KvAccount.BytesHeld"/> never exceeds the budget; a prefill's workspace and the kernels' staging tiles come besides, and the account shows them.
/// Thread-safe: calls on one cache run one after the other; distinct caches are independent.
/// </summary>
public sealed class TriStateKvCache : IKvCache
{
    private readonly Lock gate = new();
    private readonly IKvEngine engine;
    private int position, nextLayer, running;
    private long peak;
    private bool disposed, broken;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="device">The device that holds it.</param>
    /// <param name="shape">The model.</param>
    /// <param name="policy">What is kept; see <see cref="KvPolicies"/>.</param>
    /// <param name="budgetBytes">Most bytes it may hold; it takes nearly all of them at once. <see cref="BytesFor"/> says how many a number of tokens needs.</param>
    /// <exception cref="ArgumentException">The shape, or a parameter of the policy, is out of range.</exception>
    /// <exception cref="KvCacheBudgetException">The budget is too small; carries the least that works.</exception>
    /// <exception cref="DeviceOutOfMemoryException">The device does not have the budget.</exception>
    public TriStateKvCache(Device device, KvCacheShape shape, KvPolicy policy, long budgetBytes)
        : this(device, shape, policy, budgetBytes, Make(device, shape, policy, budgetBytes))
    {
    }

    private TriStateKvCache(Device device, KvCacheShape shape, KvPolicy policy, long budgetBytes, IKvEngine engine)
    {
        Device = device;
        Shape = shape;
        Policy = policy;
        BudgetBytes = budgetBytes;
        this.engine = engine;
        peak = engine.Account(0).BytesHeld;
    }

    /// <inheritdoc/>
    public KvCacheShape Shape { get; }

    /// <inheritdoc/>
    public Device Device { get; }

    /// <summary>The policy.</summary>
    public KvPolicy Policy { get; }

    /// <summary>The budget.</summary>
    public long BudgetBytes { get; }

    /// <inheritdoc/>
    public int Position
    {
        get
        {
            lock (gate) return position;
        }
    }

    /// <summary>What it holds at this moment, measured from its buffers.</summary>
    /// <exception cref="ObjectDisposedException">The cache was disposed.</exception>
    public KvAccount Account
    {
        get
        {
            lock (gate)
            {
                ObjectDisposedException.ThrowIf(disposed, this);
                KvAccount account = engine.Account(position);
                peak = Math.Max(peak, account.BytesHeld);
                return account with { BudgetBytes = BudgetBytes, PeakBytesHeld = peak };
            }
        }
    }

    /// <summary>What the last prompt's attention was like in each layer, and the budgets that followed from it.</summary>
    /// <exception cref="ObjectDisposedException">The cache was disposed.</exception>
    public IReadOnlyList<KvLayerStatistics> Statistics
    {
        get
        {
            lock (gate)
            {
                ObjectDisposedException.ThrowIf(disposed, this);
                return engine.Statistics;
            }
        }
    }

    internal IKvEngine Engine => engine;

    /// <summary>
    /// The least budget in which a policy holds <paramref name="tokens"/> tokens in full on a device, in every layer: where layers share unequally, it is that of the
    /// one with the smallest part. For the bytes of a full cache, the measure of comparisons, give <see cref="FullPolicy"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The shape, the policy or the number is out of range.</exception>
    public static long BytesFor(Device device, KvCacheShape shape, KvPolicy policy, int tokens)
    {
        Check(device, shape, policy);
        if (tokens is < 1 or > KvCacheLimits.MaxTokens) throw new ArgumentOutOfRangeException(nameof(tokens), tokens, $"tokens is {tokens}. Expected 1 to {KvCacheLimits.MaxTokens}.");
        return policy is ArkvReferencePolicy ? tokens * shape.BytesPerToken : PagedStore.BudgetFor(device, shape, policy.Rules, tokens);
    }

    /// <inheritdoc/>
    /// <exception cref="KvCacheBudgetException">The policy keeps every token and the budget does not hold these; nothing has changed then.</exception>
    public void Attend(DeviceStream stream, int layer, int tokens, DeviceSlice q, DeviceSlice k, DeviceSlice v, DeviceSlice output)
    {
        ArgumentNullException.ThrowIfNull(stream);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (broken) throw new InvalidOperationException("An earlier call failed half-way, so what this cache holds is not known. Dispose it and prefill another.");
            CheckTurn(stream, layer, tokens);
            CheckSlice(q, (long)tokens * Shape.QueryHeads * Shape.HeadDim, nameof(q));
            CheckSlice(k, (long)tokens * Shape.KvHeads * Shape.HeadDim, nameof(k));
            CheckSlice(v, (long)tokens * Shape.KvHeads * Shape.HeadDim, nameof(v));
            CheckSlice(output, (long)tokens * Shape.QueryHeads * Shape.HeadDim, nameof(output));
            if (layer == 0) engine.CheckRoom(position, tokens);
            try
            {
                engine.Attend(stream, layer, position, tokens, q, k, v, output);
            }
            catch
            {
                broken = true;
                throw;
            }

            running = tokens;
            nextLayer = layer + 1;
            if (nextLayer == Shape.Layers) (nextLayer, position) = (0, position + tokens);
        }
    }

    /// <summary>Writes the cache: policy, positions, rows, scores. Between the layers of a run it cannot be saved.</summary>
    /// <param name="target">Where to.</param>
    /// <exception cref="InvalidOperationException">A run of tokens has not reached the last layer.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed.</exception>
    public void Save(Stream target)
    {
        ArgumentNullException.ThrowIfNull(target);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (broken || nextLayer != 0) throw new InvalidOperationException($"Layer {nextLayer} of {Shape.Layers} is next: a cache is saved between runs of tokens, not within one.");
            using var writer = new KvFileWriter(target);
            using DeviceStream stream = Device.CreateStream();
            new KvFileHeader(Shape, Policy, BudgetBytes, position).Save(writer);
            engine.Save(stream, writer);
            writer.Finish();
        }
    }

    /// <summary>Reads a cache that <see cref="Save"/> wrote, on any device. On the same device it continues with the same bits.</summary>
    /// <param name="device">The device to hold it.</param>
    /// <param name="source">Where from.</param>
    /// <param name="maximumBytes">Largest budget to accept from the file.</param>
    /// <exception cref="KvCacheFormatException">It is not a saved cache, or damaged; says where.</exception>
    /// <exception cref="KvCacheBudgetException">The file's budget does not hold it on this device, or is larger than <paramref name="maximumBytes"/>.</exception>
    public static TriStateKvCache Restore(Device device, Stream source, long maximumBytes = long.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(source);
        using var reader = new KvFileReader(source);
        KvFileHeader header = KvFileHeader.Restore(reader);
        long bound = device.Info.GlobalMemoryBytes > 0 ? Math.Min(maximumBytes, device.Info.GlobalMemoryBytes) : maximumBytes;
        if (header.BudgetBytes > bound)
            throw new KvCacheBudgetException($"The saved cache has a budget of {header.BudgetBytes:N0} bytes. At most {bound:N0} are accepted here.", header.BudgetBytes, bound);
        IKvEngine engine = header.Policy is ArkvReferencePolicy reference
            ? new ReferenceEngine(device, header.Shape, reference, header.BudgetBytes)
            : new PagedEngine(PagedStore.CreateExact(device, PagedState.ReadLayout(reader, header), header.BudgetBytes));
        try
        {
            using DeviceStream stream = device.CreateStream();
            engine.Restore(stream, reader, header.Position);
            reader.Finish();
            stream.Synchronize();
            return new TriStateKvCache(device, header.Shape, header.Policy, header.BudgetBytes, engine) { position = header.Position };
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
            engine.Dispose();
        }
    }

    private static IKvEngine Make(Device device, KvCacheShape shape, KvPolicy policy, long budgetBytes)
    {
        Check(device, shape, policy);
        ArgumentOutOfRangeException.ThrowIfLessThan(budgetBytes, 1);
        return policy is ArkvReferencePolicy reference ? new ReferenceEngine(device, shape, reference, budgetBytes) : new PagedEngine(PagedStore.Create(device, shape, policy.Rules, budgetBytes));
    }

    private static void Check(Device device, KvCacheShape shape, KvPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(policy);
        KvCacheLimits.Check(shape);
        policy.Validate(shape);
    }

    private void CheckTurn(DeviceStream stream, int layer, int tokens)
    {
        if (stream.Device != Device) throw new ArgumentException($"The stream belongs to {stream.Device.Info.Id}, the cache to another device object ({Device.Info.Id}).", nameof(stream));
        if (layer != nextLayer)
            throw new ArgumentException($"layer is {layer}. Expected {nextLayer}: layers are called in order, each once for every run of tokens.", nameof(layer));
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens, 1);
        if (layer > 0 && tokens != running)
            throw new ArgumentException($"tokens is {tokens}. Expected {running}, as layer 0 had in this run.", nameof(tokens));
        if (tokens > KvCacheLimits.MaxTokens - position)
            throw new ArgumentOutOfRangeException(nameof(tokens), tokens, $"The sequence would have {(long)position + tokens} tokens. Expected at most {KvCacheLimits.MaxTokens}.");
    }

    private void CheckSlice(DeviceSlice slice, long elements, string name)
    {
        if (slice.Memory is not { } memory) throw new ArgumentException($"'{name}' is absent. Expected {elements} elements of {Shape.DType.Name()}.", name);
        if (memory.Device != Device) throw new ArgumentException($"'{name}' lies on another device. Allocate it on the cache's ({Device.Info.Id}).", name);
        ObjectDisposedException.ThrowIf(memory.IsDisposed, memory);
        long held = memory.ByteLength / Shape.DType.SizeOf();
        if (slice.ElementOffset < 0 || slice.ElementOffset > held - elements)
            throw new ArgumentException($"'{name}' is too small: {elements} elements from offset {slice.ElementOffset} are needed, the memory holds {held}.", name);
    }
}
