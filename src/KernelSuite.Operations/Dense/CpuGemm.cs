using System.Runtime.Intrinsics;
using KernelSuite.Operations.Attention.Cpu;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Dense;

/// <summary>
/// Y = X W^T, or Y += X W^T, in float32 on the threads of a cpu device: the dense layers of a decoder. X is [rows, inputs], W a <see cref="PackedMatrix"/>,
/// Y [rows, outputs]. The register tile is that of the attention kernels. A row's result does not depend, to the bit, on how many rows are multiplied
/// with it, nor on the number of threads. Launching allocates nothing. One thread at a time.
/// </summary>
public sealed unsafe class CpuGemm : IDisposable
{
    /// <summary>
    /// Multiply-adds up to which the calling thread works alone. One row on one and on two threads, best of fifteen: 512 x 256 took 6.7 and 6.1 us, 256 x 704 took 6.7
    /// and 6.4, 1408 x 256 took 24 and 15; and a hand-over costs most when the machine is busy.
    /// </summary>
    private const long AloneWork = 1 << 18;

    private readonly CpuDevice device;
    private readonly CpuGemmKernel kernel;
    private bool disposed;

    /// <summary>Makes the product ready for a device.</summary>
    /// <param name="device">Whose threads and vector width are used.</param>
    public CpuGemm(CpuDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        this.device = device;
        int threads = device.Team.Threads;
        kernel = device.Simd switch
        {
            CpuSimd.Vector512 => new CpuGemmKernel<Simd512, Vector512<float>, Tile6x4>(threads),
            CpuSimd.Vector256 => new CpuGemmKernel<Simd256, Vector256<float>, Tile6x2>(threads),
            CpuSimd.Vector128 => new CpuGemmKernel<Simd128, Vector128<float>, Tile6x2>(threads),
            _ => new CpuGemmKernel<SimdScalar, float, Tile6x2>(threads),
        };
    }

    /// <summary>Multiplies.</summary>
    /// <param name="weights">W, packed for the device's vector width.</param>
    /// <param name="rows">Rows of X and Y, 0 or more.</param>
    /// <param name="x">[rows, inputs].</param>
    /// <param name="y">[rows, outputs]; must not overlap <paramref name="x"/>.</param>
    /// <param name="accumulate">Whether the product is added to what <paramref name="y"/> holds.</param>
    /// <exception cref="ArgumentException">A size does not fit, or the matrix was packed for another vector width; names it.</exception>
    public void Multiply(PackedMatrix weights, int rows, ReadOnlySpan<float> x, Span<float> y, bool accumulate = false)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        if (weights.Simd != device.Simd)
            throw new ArgumentException($"The matrix is packed for {weights.Simd}, the device computes with {device.Simd}. Pack it for the device's Simd.", nameof(weights));
        if (x.Length != (long)rows * weights.Inputs)
            throw new ArgumentException($"'{nameof(x)}' holds {x.Length} elements. Expected {rows} x {weights.Inputs}.", nameof(x));
        if (y.Length != (long)rows * weights.Outputs)
            throw new ArgumentException($"'{nameof(y)}' holds {y.Length} elements. Expected {rows} x {weights.Outputs}.", nameof(y));
        if (x.Overlaps(y))
            throw new ArgumentException($"'{nameof(y)}' overlaps '{nameof(x)}'. Give the result memory of its own.", nameof(y));
        if (rows == 0) return;
        fixed (float* source = x, target = y)
        {
            kernel.Arguments = new CpuGemmArguments(weights, rows, source, target, accumulate);
            if ((long)weights.Outputs * weights.Inputs * rows > AloneWork) device.Team.Run(kernel, kernel.Tasks);
            else for (long task = 0; task < kernel.Tasks; task++) kernel.Execute(task, worker: 0);
        }

        GC.KeepAlive(weights);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        kernel.Dispose();
    }

    /// <summary>Outputs side by side in the register tile: four vectors where there are 32 registers, else two (see <see cref="CpuAttentionTiles"/>).</summary>
    internal static int TileWidth(CpuSimd simd) => (simd == CpuSimd.Vector512 ? 4 : 2) * (int)simd;
}
