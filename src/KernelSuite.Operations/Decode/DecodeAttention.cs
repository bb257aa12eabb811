using System.Runtime.InteropServices;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode;

/// <summary>
/// Decode attention on host memory in one call: copies to the device, computes, copies back. Copying a cache for one step costs more than the step; for repeated steps keep the cache on the
/// device and use <see cref="DecodePlan"/>.
/// </summary>
public static class DecodeAttention
{
    /// <summary>Computes decode attention over a contiguous cache.</summary>
    /// <typeparam name="T">float, Half or <see cref="BFloat16"/>.</typeparam>
    /// <param name="device">Where to compute.</param>
    /// <param name="shape">Extents.</param>
    /// <param name="slots">N.</param>
    /// <param name="q">[B,Hq,Nq,D].</param>
    /// <param name="k">[B,Hk,N,D].</param>
    /// <param name="v">[B,Hk,N,Dv].</param>
    /// <param name="output">[B,Hq,Nq,Dv].</param>
    /// <param name="lse">[B,Hq,Nq], natural log; empty where not wanted.</param>
    /// <param name="options">Mask, scale, soft-cap, splits; null for none.</param>
    /// <param name="kvLengths">[B] valid slots; empty for all.</param>
    /// <param name="cancellation">Checked between parts on the cpu device.</param>
    /// <exception cref="ArgumentException">A size or value does not fit; names it.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public static void Forward<T>(
        Device device, DecodeShape shape, int slots, ReadOnlySpan<T> q, ReadOnlySpan<T> k, ReadOnlySpan<T> v, Span<T> output, Span<float> lse = default,
        DecodeOptions? options = null, ReadOnlySpan<int> kvLengths = default, CancellationToken cancellation = default)
        where T : unmanaged
    {
        var problem = new DecodeProblem(shape, DecodeSegment.Contiguous(slots, !kvLengths.IsEmpty), DTypes.Of<T>(), options);
        Forward(device, problem, new DecodeSpans<T> { Q = q, K = k, V = v, KvLengths = kvLengths, Out = output, Lse = lse }, cancellation);
    }

    /// <summary>Computes a prepared problem: paged, mixed, with strides of its own.</summary>
    /// <typeparam name="T">float, Half or <see cref="BFloat16"/>.</typeparam>
    /// <param name="device">Where to compute.</param>
    /// <param name="problem">The problem; its strides say how the spans are laid out.</param>
    /// <param name="spans">Operands; gaps between output rows keep their contents.</param>
    /// <param name="cancellation">Checked between parts on the cpu device.</param>
    /// <exception cref="ArgumentException">A span is shorter than its operand, or given where the problem has no such operand; names it.</exception>
    public static void Forward<T>(Device device, DecodeProblem problem, in DecodeSpans<T> spans, CancellationToken cancellation = default)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(problem);
        if (DTypes.Of<T>() != problem.DType)
            throw new ArgumentException($"The spans hold {DTypes.Of<T>().Name()}, the problem is {problem.DType.Name()}.", nameof(problem));
        using var call = new Call(device, problem);
        call.Write(DecodeProblem.Q, "q", spans.Q);
        call.Write(DecodeProblem.K, "k", spans.K);
        call.Write(DecodeProblem.V, "v", spans.V);
        call.Write(DecodeProblem.PageTable, "page_table", spans.PageTable);
        call.Write(DecodeProblem.KvLengths, "kv_lengths", spans.KvLengths);
        call.Write(DecodeProblem.KCodes, "k_codes", spans.KCodes);
        call.Write(DecodeProblem.KGroups, "k_groups", spans.KGroups);
        call.Write(DecodeProblem.KScales, "k_scales", spans.KScales);
        call.Write(DecodeProblem.VCodes, "v_codes", spans.VCodes);
        call.Write(DecodeProblem.VGroups, "v_groups", spans.VGroups);
        call.Write(DecodeProblem.VScales, "v_scales", spans.VScales);
        call.Write(DecodeProblem.QuantisedPageTable, "quantised_page_table", spans.QuantisedPageTable);
        call.Write(DecodeProblem.QuantisedLengths, "quantised_lengths", spans.QuantisedLengths);

        // Outputs are written too: gaps between their rows belong to the caller.
        call.Write<T>(DecodeProblem.Out, "out", spans.Out);
        call.Write<float>(DecodeProblem.Lse, "lse", spans.Lse);
        call.Write<float>(DecodeProblem.Logits, "logits", spans.Logits);
        call.Launch(cancellation);
        call.Read(DecodeProblem.Out, spans.Out);
        call.Read(DecodeProblem.Lse, spans.Lse);
        call.Read(DecodeProblem.Logits, spans.Logits);
    }

    /// <summary>Device memory and plan of one call.</summary>
    private sealed class Call(Device device, DecodeProblem problem) : IDisposable
    {
        private readonly DecodePlan plan = DecodePlan.Create(device, problem);
        private readonly DeviceStream stream = device.CreateStream();
        private readonly DeviceSlice[] slices = new DeviceSlice[DecodeProblem.OperandCount];

        public void Write<T>(int operand, string name, ReadOnlySpan<T> data)
            where T : unmanaged
        {
            if (problem.Operands[operand] is not { } spec)
            {
                if (!data.IsEmpty) throw new ArgumentException($"'{name}' is given, but the problem was made without it.", name);
                return;
            }

            if (spec.StorageLength == 0 || (spec.IsOptional && data.IsEmpty)) return;
            if (data.Length < spec.StorageLength)
                throw new ArgumentException($"'{name}' holds {data.Length} elements. Expected {spec.StorageLength} for shape [{string.Join(", ", spec.Shape)}].", name);
            DeviceMemory memory = device.Allocate(spec.DType, spec.StorageLength);
            slices[operand] = new DeviceSlice(memory, 0);
            stream.WriteBytes(MemoryMarshal.AsBytes(data[..(int)spec.StorageLength]), memory, 0);
        }

        public void Launch(CancellationToken cancellation) => plan.Launch(stream, slices, cancellation: cancellation);

        public void Read<T>(int operand, Span<T> data)
            where T : unmanaged
        {
            stream.Synchronize();
            if (slices[operand].Memory is { } memory)
                stream.ReadBytes(memory, 0, MemoryMarshal.AsBytes(data[..(int)problem.Operands[operand]!.StorageLength]));
        }

        public void Dispose()
        {
            stream.Dispose();
            foreach (DeviceSlice slice in slices) slice.Memory?.Dispose();
            plan.Dispose();
        }
    }
}
