using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

var shape = new AttentionShape(Batch: 1, QueryHeads: 8, KvHeads: 2, QueryLength: 128, KvLength: 512, HeadDim: 64);
float[] q = Random(8 * 128 * 64), k = Random(2 * 512 * 64), v = Random(2 * 512 * 64);
float[] output = new float[8 * 128 * 64], lse = new float[8 * 128];

using Device device = Device.Open("auto");
FusedAttention.Forward<float>(device, shape, q, k, v, output, lse, new AttentionOptions { Causal = true });
Console.WriteLine($"{device.Info.Name}: output[0] = {output[0]:F4}, log-sum-exp[0] = {lse[0]:F4}");

static float[] Random(int count) => [.. Enumerable.Range(0, count).Select(_ => System.Random.Shared.NextSingle() - 0.5f)];
