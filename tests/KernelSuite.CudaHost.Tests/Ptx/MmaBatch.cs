using KernelSuite.Runtime;

namespace KernelSuite.CudaHost.Tests.Ptx;

/// <summary>Products of one launch: A [16][K], B [K][8] as codes and C [16][8], each block one product.</summary>
/// <typeparam name="T">float or int: the accumulators.</typeparam>
internal sealed class MmaBatch<T>(Fragments fragments, int count)
    where T : unmanaged
{
    public int Count => count;

    public int K => fragments.K;

    public ushort[] A { get; } = new ushort[count * 16 * fragments.K];

    public ushort[] B { get; } = new ushort[count * fragments.K * 8];

    public T[] C { get; } = new T[count * 128];

    public Span<ushort> AOf(int product) => A.AsSpan(product * 16 * K, 16 * K);

    public Span<ushort> BOf(int product) => B.AsSpan(product * K * 8, K * 8);

    public Span<T> COf(int product) => C.AsSpan(product * 128, 128);

    /// <summary>Runs the kernel on all products.</summary>
    /// <returns>A B + C, [count][16][8].</returns>
    public T[] Run(Device device, string program, string kernel)
    {
        var a = new uint[count * 128];
        var b = new uint[count * 64];
        var c = new T[count * 128];
        for (int i = 0; i < count; i++)
        {
            fragments.PackA(AOf(i), a.AsSpan(i * 128, 128));
            fragments.PackB(BOf(i), b.AsSpan(i * 64, 64));
            fragments.PackC<T>(COf(i), c.AsSpan(i * 128, 128));
        }

        using var run = new KernelRun(device, program, kernel);
        run.Buffer(a);
        run.Buffer(b);
        int sums = run.Buffer(c);
        run.Launch(new LaunchShape(count, ItemsX: 32));
        T[] registers = run.Read<T>(sums);
        var result = new T[count * 128];
        for (int i = 0; i < count; i++) fragments.UnpackC<T>(registers.AsSpan(i * 128, 128), result.AsSpan(i * 128, 128));
        return result;
    }
}
