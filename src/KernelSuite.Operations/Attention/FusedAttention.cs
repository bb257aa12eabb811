using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Attention;

/// <summary>
/// Attention on host memory in one call: copies to the device, computes, copies back. For repeated calls, or data that is on the
/// device already, use <see cref="AttentionPlan"/>.
/// </summary>
public static class FusedAttention
{
    /// <summary>Computes O = softmax(mask(scale * Q K^T)) V on contiguous arrays.</summary>
    /// <typeparam name="T">float, Half or <see cref="BFloat16"/>.</typeparam>
    /// <param name="device">Where to compute.</param>
    /// <param name="shape">Extents.</param>
    /// <param name="q">[B,Hq,Nq,D].</param>
    /// <param name="k">[B,Hk,Nk,D].</param>
    /// <param name="v">[B,Hk,Nk,Dv].</param>
    /// <param name="output">[B,Hq,Nq,Dv].</param>
    /// <param name="lse">[B,Hq,Nq], natural log; empty where not wanted.</param>
    /// <param name="options">Mask, scale, soft-cap; null for none.</param>
    /// <param name="kvLengths">[B] valid keys; empty for all.</param>
    /// <param name="cancellation">Checked between tiles on the cpu device.</param>
    /// <exception cref="ArgumentException">A size or value does not fit; names it.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public static void Forward<T>(
        Device device, AttentionShape shape, ReadOnlySpan<T> q, ReadOnlySpan<T> k, ReadOnlySpan<T> v, Span<T> output,
        Span<float> lse = default, AttentionOptions? options = null, ReadOnlySpan<int> kvLengths = default, CancellationToken cancellation = default)
        where T : unmanaged
    {
        var problem = new AttentionProblem(shape, DTypes.Of<T>(), options, hasKvLengths: !kvLengths.IsEmpty, hasLse: !lse.IsEmpty);
        Forward(device, problem, q, k, v, output, lse, kvLengths, cancellation);
    }

    /// <summary>Computes attention on [B,H,N,D] tensor views; the last dimension must be contiguous, the other strides are used as they are.</summary>
    /// <inheritdoc cref="Forward{T}(Device, AttentionShape, ReadOnlySpan{T}, ReadOnlySpan{T}, ReadOnlySpan{T}, Span{T}, Span{float}, AttentionOptions?, ReadOnlySpan{int}, CancellationToken)"/>
    public static void Forward<T>(
        Device device, in ReadOnlyTensorSpan<T> q, in ReadOnlyTensorSpan<T> k, in ReadOnlyTensorSpan<T> v, in TensorSpan<T> output,
        Span<float> lse = default, AttentionOptions? options = null, ReadOnlySpan<int> kvLengths = default, CancellationToken cancellation = default)
        where T : unmanaged
    {
        Check(q.Lengths, q.Strides, nameof(q));
        Check(k.Lengths, k.Strides, nameof(k));
        Check(v.Lengths, v.Strides, nameof(v));
        Check(output.Lengths, output.Strides, nameof(output));
        Same(k.Lengths, 0, q.Lengths[0], nameof(k), "B");
        Same(k.Lengths, 3, q.Lengths[3], nameof(k), "D");
        Same(v.Lengths, 0, q.Lengths[0], nameof(v), "B");
        Same(v.Lengths, 1, k.Lengths[1], nameof(v), "Hk");
        Same(v.Lengths, 2, k.Lengths[2], nameof(v), "Nk");
        Same(output.Lengths, 0, q.Lengths[0], nameof(output), "B");
        Same(output.Lengths, 1, q.Lengths[1], nameof(output), "Hq");
        Same(output.Lengths, 2, q.Lengths[2], nameof(output), "Nq");
        Same(output.Lengths, 3, v.Lengths[3], nameof(output), "Dv");
        var shape = new AttentionShape(
            (int)q.Lengths[0], (int)q.Lengths[1], (int)k.Lengths[1], (int)q.Lengths[2], (int)k.Lengths[2], (int)q.Lengths[3], (int)v.Lengths[3]);
        var layout = new AttentionLayout { Q = Strides(q.Strides), K = Strides(k.Strides), V = Strides(v.Strides), Out = Strides(output.Strides) };
        var problem = new AttentionProblem(shape, DTypes.Of<T>(), options, layout, !kvLengths.IsEmpty, !lse.IsEmpty);
        Forward(
            device, problem, Storage(q, problem.Operands[AttentionProblem.Q]!), Storage(k, problem.Operands[AttentionProblem.K]!),
            Storage(v, problem.Operands[AttentionProblem.V]!),
            MemoryMarshal.CreateSpan(ref output.GetPinnableReference(), (int)problem.Operands[AttentionProblem.Out]!.StorageLength), lse, kvLengths, cancellation);
    }

    /// <summary>Computes a prepared problem on host memory.</summary>
    /// <param name="device">Where to compute.</param>
    /// <param name="problem">The problem; its strides say how the spans are laid out.</param>
    /// <param name="q">Storage of q from its first element.</param>
    /// <param name="k">Storage of k.</param>
    /// <param name="v">Storage of v.</param>
    /// <param name="output">Storage of the output; gaps between rows keep their contents.</param>
    /// <param name="lse">[B,Hq,Nq]; empty where the problem has none.</param>
    /// <param name="kvLengths">[B]; empty where the problem has none.</param>
    /// <param name="cancellation">Checked between tiles on the cpu device.</param>
    /// <exception cref="ArgumentException">A span is shorter than its operand; names it.</exception>
    public static void Forward<T>(
        Device device, AttentionProblem problem, ReadOnlySpan<T> q, ReadOnlySpan<T> k, ReadOnlySpan<T> v, Span<T> output,
        Span<float> lse = default, ReadOnlySpan<int> kvLengths = default, CancellationToken cancellation = default)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(problem);
        if (DTypes.Of<T>() != problem.DType)
            throw new ArgumentException($"The spans hold {DTypes.Of<T>().Name()}, the problem is {problem.DType.Name()}.", nameof(problem));
        q = Fit(q, problem, AttentionProblem.Q, nameof(q));
        k = Fit(k, problem, AttentionProblem.K, nameof(k));
        v = Fit(v, problem, AttentionProblem.V, nameof(v));
        kvLengths = Fit(kvLengths, problem, AttentionProblem.KvLengths, nameof(kvLengths));
        output = output[..Fit<T>(output, problem, AttentionProblem.Out, nameof(output)).Length];
        lse = lse[..Fit<float>(lse, problem, AttentionProblem.Lse, nameof(lse)).Length];

        using AttentionPlan plan = AttentionPlan.Create(device, problem);
        using DeviceStream stream = device.CreateStream();
        using DeviceBuffer<T> deviceQ = device.Allocate<T>(q.Length), deviceK = device.Allocate<T>(k.Length), deviceV = device.Allocate<T>(v.Length);
        using DeviceBuffer<T> deviceOut = device.Allocate<T>(output.Length);
        using DeviceBuffer<float>? deviceLse = problem.HasLse ? device.Allocate<float>(lse.Length) : null;
        using DeviceBuffer<int>? deviceLengths = problem.HasKvLengths ? device.Allocate<int>(kvLengths.Length) : null;
        stream.Write(q, deviceQ);
        stream.Write(k, deviceK);
        stream.Write(v, deviceV);
        if (deviceLengths is not null) stream.Write(kvLengths, deviceLengths);

        // Gaps between output rows belong to the caller: what is copied back over them must be what was there.
        bool hasGaps = output.Length > problem.Operands[AttentionProblem.Out]!.ElementCount;
        if (hasGaps) stream.Write<T>(output, deviceOut);
        plan.Launch(stream, deviceQ, deviceK, deviceV, deviceOut, deviceLse!, deviceLengths!, cancellation: cancellation);
        stream.Read(deviceOut, output);
        if (deviceLse is not null) stream.Read(deviceLse, lse);
    }

    private static ReadOnlySpan<T> Storage<T>(in ReadOnlyTensorSpan<T> tensor, OperandSpec spec) =>
        MemoryMarshal.CreateReadOnlySpan(in tensor.GetPinnableReference(), (int)spec.StorageLength);

    private static ReadOnlySpan<T> Fit<T>(ReadOnlySpan<T> span, AttentionProblem problem, int operand, string name)
    {
        if (problem.Operands[operand] is not { } spec)
        {
            return span.IsEmpty ? span : throw new ArgumentException($"'{name}' is given, but the problem was made without it.", name);
        }

        return span.Length >= spec.StorageLength
            ? span[..(int)spec.StorageLength]
            : throw new ArgumentException($"'{name}' holds {span.Length} elements. Expected {spec.StorageLength} for shape [{string.Join(", ", spec.Shape)}].", name);
    }

    private static void Check(ReadOnlySpan<nint> lengths, ReadOnlySpan<nint> strides, string name)
    {
        if (lengths.Length != 4)
            throw new ArgumentException($"'{name}' has {lengths.Length} dimensions. Expected 4: [B, H, N, D].", name);
        foreach (nint length in lengths)
        {
            if (length > int.MaxValue)
                throw new ArgumentException($"'{name}' has an extent of {length}. Expected at most {int.MaxValue}.", name);
        }

        if (lengths[3] > 1 && strides[3] != 1)
            throw new ArgumentException($"The last dimension of '{name}' has stride {strides[3]}. Expected 1; make a contiguous copy first.", name);
    }

    private static void Same(ReadOnlySpan<nint> lengths, int dimension, nint expected, string name, string symbol)
    {
        if (lengths[dimension] != expected)
            throw new ArgumentException($"Dimension {dimension} of '{name}' is {lengths[dimension]}. Expected {symbol} = {expected}.", name);
    }

    private static TensorStrides Strides(ReadOnlySpan<nint> strides) => new(strides[0], strides[1], strides[2]);
}
