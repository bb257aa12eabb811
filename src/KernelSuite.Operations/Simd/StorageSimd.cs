using System.Runtime.CompilerServices;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Simd;

/// <summary>Vectors of stored elements, widened to float.</summary>
internal static unsafe class StorageSimd<TSimd, TVector, T>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load(T* source)
    {
        if (typeof(T) == typeof(Half)) return TSimd.LoadHalf((ushort*)source);
        if (typeof(T) == typeof(BFloat16)) return TSimd.LoadBFloat16((ushort*)source);
        return TSimd.Load((float*)source);
    }
}
