using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>
/// The keys and values of one sequence, as a decoder sees them. Layers are called in order, 0 to Layers - 1, each once for every run of new tokens; positions continue
/// from call to call. Keys come with their positions already rotated into them, and stay so.
/// </summary>
public interface IKvCache : IDisposable
{
    /// <summary>Layers, heads, dtype.</summary>
    KvCacheShape Shape { get; }

    /// <summary>The device that holds it.</summary>
    Device Device { get; }

    /// <summary>Tokens that the sequence has had, evicted ones included: the position of the next token.</summary>
    int Position { get; }

    /// <summary>
    /// Takes in <paramref name="tokens"/> new tokens of a layer and attends with their queries: token i sees what the cache keeps and the new tokens
    /// up to itself. What a later call sees is the policy's affair.
    /// </summary>
    /// <param name="stream">A stream of <see cref="Device"/>.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="tokens">n, 1 or more.</param>
    /// <param name="q">[n, Hq, D].</param>
    /// <param name="k">[n, Hk, D].</param>
    /// <param name="v">[n, Hk, D].</param>
    /// <param name="output">[n, Hq, D], written.</param>
    /// <exception cref="ArgumentException">A layer out of turn, a size that does not fit; names it.</exception>
    /// <exception cref="ObjectDisposedException">The cache was disposed.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    void Attend(DeviceStream stream, int layer, int tokens, DeviceSlice q, DeviceSlice k, DeviceSlice v, DeviceSlice output);
}
