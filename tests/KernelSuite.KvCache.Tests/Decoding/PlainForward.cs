using System.Numerics;
using KernelSuite.KvCache.Decoding;

namespace KernelSuite.KvCache.Tests.Decoding;

/// <summary>
/// The forward pass from its definition, one number after the other, in the precision of <typeparamref name="T"/>: float is the naive computation that the tolerance is derived from,
/// double the reference. Shares no code with the decoder but the file reader.
/// </summary>
internal sealed class PlainForward<T>
    where T : struct, IBinaryFloatingPointIeee754<T>
{
    private readonly LlamaConfig config;
    private readonly Dictionary<string, T[]> weights = [];

    private readonly Func<T, T> store;

    /// <param name="directory">The model's folder.</param>
    /// <param name="store">Rounds what a cache stores (queries, keys, values, outputs) to its dtype; null for none.</param>
    public PlainForward(string directory, Func<T, T>? store = null)
    {
        this.store = store ?? (value => value);
        config = LlamaConfig.Read(Path.Combine(directory, "config.json"));
        using var file = SafetensorsFile.Open(Path.Combine(directory, "model.safetensors"));
        foreach (SafetensorsTensor tensor in file.Tensors.Values)
        {
            float[] values = new float[tensor.ElementCount];
            file.Read(tensor, 0, values);
            weights[tensor.Name] = [.. values.Select(value => T.CreateChecked(value))];
        }
    }

    /// <summary>Logits [n, vocabulary] of a whole text.</summary>
    public T[] Logits(ReadOnlySpan<int> tokens)
    {
        int n = tokens.Length, hidden = config.HiddenSize;
        T[] x = new T[n * hidden];
        for (int i = 0; i < n; i++) weights["model.embed_tokens.weight"].AsSpan(tokens[i] * hidden, hidden).CopyTo(x.AsSpan(i * hidden));
        for (int layer = 0; layer < config.Layers; layer++)
        {
            string name = $"model.layers.{layer}.";
            T[] y = Norm(x, weights[name + "input_layernorm.weight"]);
            T[] q = Store(Rotate(Dense(y, hidden, weights[name + "self_attn.q_proj.weight"]), config.QueryHeads));
            T[] k = Store(Rotate(Dense(y, hidden, weights[name + "self_attn.k_proj.weight"]), config.KvHeads));
            T[] v = Store(Dense(y, hidden, weights[name + "self_attn.v_proj.weight"]));
            Add(x, Dense(Store(Attention(q, k, v, n)), config.QueryHeads * config.HeadDim, weights[name + "self_attn.o_proj.weight"]));
            y = Norm(x, weights[name + "post_attention_layernorm.weight"]);
            T[] gate = Dense(y, hidden, weights[name + "mlp.gate_proj.weight"]), up = Dense(y, hidden, weights[name + "mlp.up_proj.weight"]);
            for (int i = 0; i < gate.Length; i++) gate[i] = gate[i] / (T.One + T.Exp(-gate[i])) * up[i];
            Add(x, Dense(gate, config.IntermediateSize, weights[name + "mlp.down_proj.weight"]));
        }

        return Dense(Norm(x, weights["model.norm.weight"]), hidden, weights[config.TiedEmbedding ? "model.embed_tokens.weight" : "lm_head.weight"]);
    }

    private static T[] Dense(T[] x, int inputs, T[] w)
    {
        int rows = x.Length / inputs, outputs = w.Length / inputs;
        T[] y = new T[rows * outputs];
        for (int r = 0; r < rows; r++)
        {
            for (int o = 0; o < outputs; o++)
            {
                T sum = T.Zero;
                ReadOnlySpan<T> a = x.AsSpan(r * inputs, inputs), b = w.AsSpan(o * inputs, inputs);
                for (int i = 0; i < a.Length; i++) sum += a[i] * b[i];
                y[(r * outputs) + o] = sum;
            }
        }

        return y;
    }

    private static void Add(T[] x, T[] y)
    {
        for (int i = 0; i < x.Length; i++) x[i] += y[i];
    }

    private T[] Store(T[] x)
    {
        for (int i = 0; i < x.Length; i++) x[i] = store(x[i]);
        return x;
    }

    private T[] Norm(T[] x, T[] weight)
    {
        int width = config.HiddenSize;
        T[] y = new T[x.Length];
        for (int from = 0; from < x.Length; from += width)
        {
            T sum = T.Zero;
            for (int i = 0; i < width; i++) sum += x[from + i] * x[from + i];
            T root = T.Sqrt((sum / T.CreateChecked(width)) + T.CreateChecked(config.NormEpsilon));
            for (int i = 0; i < width; i++) y[from + i] = x[from + i] / root * weight[i];
        }

        return y;
    }

    private T[] Rotate(T[] x, int heads)
    {
        int dim = config.HeadDim, half = dim / 2;
        T[] y = new T[x.Length];
        for (int row = 0; row < x.Length / dim; row++)
        {
            for (int i = 0; i < half; i++)
            {
                double angle = row / heads * Math.Pow(config.RopeTheta, -2.0 * i / dim);
                T cos = T.CreateChecked(Math.Cos(angle)), sin = T.CreateChecked(Math.Sin(angle)), a = x[(row * dim) + i], b = x[(row * dim) + i + half];
                y[(row * dim) + i] = (a * cos) - (b * sin);
                y[(row * dim) + i + half] = (b * cos) + (a * sin);
            }
        }

        return y;
    }

    private T[] Attention(T[] q, T[] k, T[] v, int n)
    {
        int dim = config.HeadDim, group = config.QueryHeads / config.KvHeads;
        T[] output = new T[q.Length];
        T[] p = new T[n];
        T scale = T.One / T.Sqrt(T.CreateChecked(dim));
        for (int head = 0; head < config.QueryHeads; head++)
        {
            for (int i = 0; i < n; i++)
            {
                int query = ((i * config.QueryHeads) + head) * dim;
                T max = T.NegativeInfinity, total = T.Zero;
                for (int j = 0; j <= i; j++)
                {
                    int key = ((j * config.KvHeads) + (head / group)) * dim;
                    T dot = T.Zero;
                    for (int d = 0; d < dim; d++) dot += q[query + d] * k[key + d];
                    max = T.Max(max, p[j] = dot * scale);
                }

                for (int j = 0; j <= i; j++) total += p[j] = T.Exp(p[j] - max);
                for (int j = 0; j <= i; j++)
                {
                    T weight = p[j] / total;
                    int value = ((j * config.KvHeads) + (head / group)) * dim;
                    for (int d = 0; d < dim; d++) output[query + d] += weight * v[value + d];
                }
            }
        }

        return output;
    }
}
