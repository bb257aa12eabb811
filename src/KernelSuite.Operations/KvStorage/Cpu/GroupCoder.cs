using System.Runtime.CompilerServices;
using KernelSuite.Operations.Simd;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>
/// Codes groups with vectors: a lane a group where groups lie along tokens, a lane an element where they lie along channels. A vector with a lane
/// that does not count for its group's limits (NaN, or not below <see cref="GroupRange.Limit"/>) is left to the scalar path.
/// </summary>
internal static unsafe class GroupCoder<TSimd, TVector, T>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where T : unmanaged
{
    private const int MostLanes = 16;

    /// <summary>A group of <paramref name="rows"/> tokens for each of <paramref name="width"/> channels; codes are contiguous.</summary>
    /// <param name="x">First row.</param>
    /// <param name="step">From row to row of x, in elements.</param>
    /// <param name="rows">Tokens of the group.</param>
    /// <param name="width">Channels.</param>
    /// <param name="levels">Largest code.</param>
    /// <param name="codes">Codes of the first row.</param>
    /// <param name="minimum">Minimum of each channel.</param>
    /// <param name="scale">Scale of each channel.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Columns(T* x, long step, int rows, int width, int levels, byte* codes, float* minimum, float* scale)
    {
        float* lows = stackalloc float[MostLanes], highs = stackalloc float[MostLanes], traces = stackalloc float[MostLanes];
        int d = 0;
        for (; d + TSimd.Lanes <= width; d += TSimd.Lanes)
        {
            TVector low = Load(x + d), high = low, trace = TSimd.Zero;
            for (int r = 0; r < rows; r++) Widen(Load(x + d + (r * step)), ref low, ref high, ref trace);
            if (!Limits(low, high, trace, lows, highs, traces))
            {
                for (int lane = 0; lane < TSimd.Lanes; lane++)
                    Scalar(x + d + lane, step, rows, levels, codes + d + lane, width, minimum + d + lane, scale + d + lane);
                continue;
            }

            for (int lane = 0; lane < TSimd.Lanes; lane++)
            {
                GroupRange group = GroupRange.Of(lows[lane], highs[lane], levels);
                (minimum[d + lane], highs[lane], scale[d + lane]) = (group.Minimum, group.Range, group.Scale);
            }

            TVector least = TSimd.Load(minimum + d), range = TSimd.Load(highs), divisor = TSimd.Load(scale + d);
            for (int r = 0; r < rows; r++) Encode(Load(x + d + (r * step)), least, range, divisor, traces, codes + d + ((long)r * width));
        }

        for (; d < width; d++) Scalar(x + d, step, rows, levels, codes + d, width, minimum + d, scale + d);
    }

    /// <summary>A group of <paramref name="width"/> channels of a token.</summary>
    /// <inheritdoc cref="Columns"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(T* x, int width, int levels, byte* codes, float* minimum, float* scale)
    {
        float* lows = stackalloc float[MostLanes], highs = stackalloc float[MostLanes], traces = stackalloc float[MostLanes];
        int whole = width - (width % TSimd.Lanes);
        bool plain = whole > 0;
        if (plain)
        {
            TVector low = Load(x), high = low, trace = TSimd.Zero;
            for (int d = 0; d < whole; d += TSimd.Lanes) Widen(Load(x + d), ref low, ref high, ref trace);
            plain = Limits(low, high, trace, lows, highs, traces);
        }

        if (!plain)
        {
            Scalar(x, 1, width, levels, codes, 1, minimum, scale);
            return;
        }

        float least = GroupRange.Limit, most = -GroupRange.Limit;
        for (int lane = 0; lane < TSimd.Lanes; lane++) (least, most) = (MathF.Min(least, lows[lane]), MathF.Max(most, highs[lane]));
        for (int d = whole; d < width; d++) Widen(Storage.ToSingle(x[d]), ref least, ref most);
        GroupRange group = GroupRange.Of(least, most, levels);
        (*minimum, *scale) = (group.Minimum, group.Scale);
        TVector bottom = TSimd.Create(group.Minimum), range = TSimd.Create(group.Range), divisor = TSimd.Create(group.Scale);
        for (int d = 0; d < whole; d += TSimd.Lanes) Encode(Load(x + d), bottom, range, divisor, traces, codes + d);
        for (int d = whole; d < width; d++) codes[d] = group.Code(Storage.ToSingle(x[d]));
    }

    private static void Scalar(T* x, long step, int count, int levels, byte* codes, long codeStep, float* minimum, float* scale)
    {
        float low = GroupRange.Limit, high = -GroupRange.Limit;
        for (int i = 0; i < count; i++) Widen(Storage.ToSingle(x[i * step]), ref low, ref high);
        GroupRange group = GroupRange.Of(low, high, levels);
        (*minimum, *scale) = (group.Minimum, group.Scale);
        for (int i = 0; i < count; i++) codes[i * codeStep] = group.Code(Storage.ToSingle(x[i * step]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Widen(float value, ref float low, ref float high)
    {
        if (MathF.Abs(value) < GroupRange.Limit) (low, high) = (MathF.Min(low, value), MathF.Max(high, value));
    }

    /// <summary>The trace turns NaN where a value is an infinity or NaN, which minima and maxima need not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Widen(TVector value, ref TVector low, ref TVector high, ref TVector trace)
    {
        low = TSimd.Min(low, value);
        high = TSimd.Max(high, value);
        trace = TSimd.MultiplyAdd(value, TSimd.Zero, trace);
    }

    /// <summary>Stores the limits of each lane; false where one has met a value that does not count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Limits(TVector low, TVector high, TVector trace, float* lows, float* highs, float* traces)
    {
        TSimd.Store(low, lows);
        TSimd.Store(high, highs);
        TSimd.Store(trace, traces);
        bool plain = true;
        for (int lane = 0; lane < TSimd.Lanes; lane++) plain &= traces[lane] == 0 && lows[lane] > -GroupRange.Limit && highs[lane] < GroupRange.Limit;
        return plain;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Encode(TVector value, TVector minimum, TVector range, TVector scale, float* lanes, byte* codes)
    {
        TVector above = TSimd.Min(range, TSimd.Max(TSimd.Zero, TSimd.Subtract(value, minimum)));
        TSimd.Store(TSimd.Add(TSimd.Divide(above, scale), TSimd.Create(GroupRange.RoundingBias)), lanes);
        for (int lane = 0; lane < TSimd.Lanes; lane++) codes[lane] = (byte)((uint*)lanes)[lane];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Load(T* source) => StorageSimd<TSimd, TVector, T>.Load(source);
}
