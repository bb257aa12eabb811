using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>What stands behind a <see cref="TriStateKvCache"/>. One thread at a time; arguments are checked already.</summary>
internal interface IKvEngine : IDisposable
{
    /// <summary>Layers' statistics and budgets.</summary>
    IReadOnlyList<KvLayerStatistics> Statistics { get; }

    /// <summary>Throws <see cref="KvCacheBudgetException"/> where <paramref name="tokens"/> more do not fit, before anything has changed.</summary>
    void CheckRoom(int position, int tokens);

    /// <summary>Takes in tokens of a layer and attends. <paramref name="position"/> is that of the first.</summary>
    void Attend(DeviceStream stream, int layer, int position, int tokens, DeviceSlice q, DeviceSlice k, DeviceSlice v, DeviceSlice output);

    /// <summary>The account; the cache adds budget and peaks.</summary>
    KvAccount Account(int position);

    /// <summary>Writes everything that a restored engine needs.</summary>
    void Save(DeviceStream stream, KvFileWriter writer);

    /// <summary>Reads it into an engine that holds nothing yet.</summary>
    void Restore(DeviceStream stream, KvFileReader reader, int position);
}
