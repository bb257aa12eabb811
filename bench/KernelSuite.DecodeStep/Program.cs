using System.CommandLine;
using System.Globalization;
using KernelSuite.DecodeStep;
using KernelSuite.KvCache;
using KernelSuite.Runtime;

// What one token, or a chunk of them, costs a cache after a long context: append, attend, and now and then a purge. Policies take turns within one
// run, so that a slow spell hits them all.
// Steps before the clock counts: methods are compiled again when they have been called often.
const int WarmUp = 100;
Option<string> device = new("--device") { DefaultValueFactory = _ => "cpu", Description = "Device" };
Option<int> context = new("--context") { DefaultValueFactory = _ => 32768, Description = "Tokens of the prompt" };
Option<int> queryHeads = new("--heads") { DefaultValueFactory = _ => 8, Description = "Query heads" };
Option<int> kvHeads = new("--kv-heads") { DefaultValueFactory = _ => 2, Description = "KV heads" };
Option<int> headDim = new("--head-dim") { DefaultValueFactory = _ => 128, Description = "Head dimension" };
Option<string> dtype = new("--dtype") { DefaultValueFactory = _ => "bf16", Description = "Storage" };
dtype.AcceptOnlyFromAmong("f32", "f16", "bf16");
Option<string[]> policies = new("--policy") { DefaultValueFactory = _ => ["arkv", "snapkv"], AllowMultipleArgumentsPerToken = true, Description = "Policies to time beside full" };
Option<double> budget = new("--budget") { DefaultValueFactory = _ => 25, Description = "Their budget, % of the bytes of a full cache that holds the prompt" };
Option<int> steps = new("--steps") { DefaultValueFactory = _ => 192, Description = "Steps of each" };
Option<int> chunk = new("--chunk") { DefaultValueFactory = _ => 1, Description = "Tokens that a step takes in" };
var root = new RootCommand("Times decode steps of cache policies beside the full cache.")
{
    device, context, queryHeads, kvHeads, headDim, dtype, policies, budget, steps, chunk,
};
root.SetAction(parsed =>
{
    DType stored = parsed.GetValue(dtype) switch { "f32" => DType.Float32, "f16" => DType.Float16, _ => DType.BFloat16 };
    using Device opened = Device.Open(parsed.GetValue(device)!);
    var shape = new KvCacheShape(1, parsed.GetValue(queryHeads), parsed.GetValue(kvHeads), parsed.GetValue(headDim), stored);
    int tokens = parsed.GetValue(context), count = parsed.GetValue(steps), each = parsed.GetValue(chunk), first = (WarmUp + each - 1) / each;
    long fullBytes = TriStateKvCache.BytesFor(opened, shape, new FullPolicy(), tokens);
    long part = (long)(fullBytes * parsed.GetValue(budget) / 100);
    var runs = new List<StepRun>();
    try
    {
        long room = TriStateKvCache.BytesFor(opened, shape, new FullPolicy(), tokens + ((first + count) * each));
        runs.Add(new StepRun(opened, shape, new FullPolicy(), room, tokens, each));
        foreach (string name in parsed.GetValue(policies)!) runs.Add(new StepRun(opened, shape, KvPolicies.Find(name), part, tokens, each));
        for (int i = -first; i < count; i++)
            foreach (StepRun run in runs) run.Step(counts: i >= 0);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{opened.Info.Id} ({opened.Info.Name}), {tokens} tokens, {shape.QueryHeads} heads on {shape.KvHeads}, "
            + $"D {shape.HeadDim}, {stored.Name()}, {count} steps of {each}"));
        Console.WriteLine(
            "| policy | bytes held | original | quantised | evicted | prefill s | step ms, median | mean | purges | purging step ms, median | best "
            + "| full / this, median |");
        Console.WriteLine("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        foreach (StepRun run in runs) Console.WriteLine(run.Row(runs[0]));
        return 0;
    }
    finally
    {
        foreach (StepRun run in runs) run.Dispose();
    }
});
return root.Parse(args).Invoke();
