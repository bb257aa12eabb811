using System.Globalization;
using KernelSuite.KvCache;
using KernelSuite.KvCache.Decoding;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

// TinyLm [policy] [budget in % of what a full cache needs] [prompt]
const int NewTokens = 60;
string folder = Path.Combine(AppContext.BaseDirectory, "model");
KvPolicy policy = KvPolicies.Find(args.Length > 0 ? args[0] : "arkv");
double budget = args.Length > 1 ? double.Parse(args[1].TrimEnd('%'), CultureInfo.InvariantCulture) / 100 : 0.5;
string prompt = args.Length > 2 ? args[2] : "kqzv=3041;mbxt=9527;rwpd=6180;\n" + File.ReadAllText(Path.Combine(folder, "text.txt"))[2000..2400] + "\nmbxt=";

using var device = (CpuDevice)Device.Open("cpu");
using LlamaWeights weights = LlamaWeights.Load(folder, device);
using var decoder = new LlamaDecoder(weights);

int[] tokens = ByteTokenizer.Encode(prompt);
KvCacheShape shape = weights.Config.CacheShape(DType.Float16);
long full = TriStateKvCache.BytesFor(device, shape, KvPolicies.Find("full"), tokens.Length + NewTokens);
using var cache = new TriStateKvCache(device, shape, policy, (long)(budget * full));

Console.Write(prompt);
decoder.Generate(cache, tokens, new GenerationOptions { MaxTokens = NewTokens, Stops = [[';'], ['\n']], OnToken = token => Console.Write(ByteTokenizer.Decode([token])) });

KvAccount account = cache.Account;
Console.WriteLine($"\n\n{policy.Name}: {cache.Position} tokens in {account.BytesHeld:N0} bytes; a full cache takes {full:N0}");
foreach ((int layer, KvLayerAccount held) in account.Layers.Index())
    Console.WriteLine($"  layer {layer}: {held.Original:F0} in full, {held.Quantised:F0} quantised, {held.Evicted:F0} evicted");
