using System.Text.Json;

namespace KernelSuite.Operations;

/// <summary>What a bundle's index says, checked: its schema, names that cannot lead elsewhere, and numbers within bounds.</summary>
internal sealed record CudaBundleIndex(
    string Compiler, IReadOnlyList<string> Architectures, IReadOnlyDictionary<string, string> Sources, IReadOnlyList<BundledProgram> Programs)
{
    private const int Schema = 1;
    private const int MaxItems = 1 << 16;
    private const int MaxText = 4096;

    public static CudaBundleIndex Parse(CudaBundle bundle, byte[] json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16 });
            return new Reader(bundle).Index(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw bundle.Malformed($"its {CudaBundle.IndexName} is not one that this version reads: {error.Message}", error);
        }
    }

    private sealed class Reader(CudaBundle bundle)
    {
        private string _compiler = string.Empty;
        private string[] _architectures = [];

        public CudaBundleIndex Index(JsonElement root)
        {
            int schema = root.GetProperty("schema").GetInt32();
            if (schema != Schema) throw bundle.Malformed($"its index has schema {schema}, and this version reads {Schema}");
            _compiler = Text(root, "compiler");
            _architectures = [.. Items(root, "architectures").Select(a => Text(a, "architectures"))];
            var sources = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (JsonElement source in Items(root, "sources")) sources[SourcePath(source, "path")] = Hash(source);
            return new CudaBundleIndex(_compiler, _architectures, sources, [.. Items(root, "programs").Select(Program)]);
        }

        private BundledProgram Program(JsonElement program)
        {
            string name = SourcePath(program, "name");
            string options = Text(program, "options");
            BundledImage[] images = [.. Items(program, "images").Select(Image)];
            if (images.Length == 0) throw bundle.Malformed($"'{name} {options}' has no image");
            KernelResources[] kernels = [.. Items(program, "kernels").SelectMany(k => Kernel(name, options, k))];
            return new BundledProgram(name, options, _compiler, _architectures, new BundledImages(bundle, _compiler, images), kernels);
        }

        private BundledImage Image(JsonElement image)
        {
            string file = Text(image, "file");
            if (file.Length == 0 || file[0] == '.' || !file.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))
                throw bundle.Malformed($"'{file}' is not the plain name of an image; letters, digits, '_', '-' and '.' are");
            return new BundledImage(Target(image), file, Number(image, "bytes", CudaBundle.MaxImageBytes), Hash(image));
        }

        private IEnumerable<KernelResources> Kernel(string program, string options, JsonElement kernel)
        {
            string name = Text(kernel, "name");
            int threads = Number(kernel, "max_threads", MultiprocessorFacts.MaxThreadsPerBlock);
            foreach (JsonElement r in Items(kernel, "resources"))
            {
                string target = Target(r);
                int registers = Number(r, "registers", MultiprocessorFacts.MaxRegistersPerThread);
                int shared = Number(r, "shared_bytes");
                MultiprocessorFacts? facts = MultiprocessorFacts.Of(target);
                Occupancy? occupancy = threads == 0 || facts is null ? null : Occupancy.Of(facts, threads, registers, shared);
                yield return new KernelResources(
                    program, options, name, target, registers, shared, Number(r, "stack_bytes"), Number(r, "spill_store_bytes"),
                    Number(r, "spill_load_bytes"), Number(r, "constant_bytes"), threads, occupancy);
            }
        }

        private JsonElement[] Items(JsonElement parent, string name)
        {
            JsonElement array = parent.GetProperty(name);
            if (array.GetArrayLength() > MaxItems) throw bundle.Malformed($"\"{name}\" has {array.GetArrayLength()} items, at most {MaxItems} are read");
            return [.. array.EnumerateArray()];
        }

        private string Text(JsonElement element, string name)
        {
            string? text = (element.ValueKind == JsonValueKind.Object ? element.GetProperty(name) : element).GetString();
            if (text is null || text.Length > MaxText || text.Any(char.IsControl))
                throw bundle.Malformed($"\"{name}\" is not a text of one line and at most {MaxText} characters");
            return text;
        }

        private string SourcePath(JsonElement element, string name)
        {
            string path = Text(element, name);
            if (path.Length == 0 || path.Contains('\\', StringComparison.Ordinal) || path.Split('/').Any(part => part is "" or "." or ".."))
                throw bundle.Malformed($"'{path}' is not a path below kernels/");
            return path;
        }

        private string Target(JsonElement element)
        {
            string target = Text(element, "target");
            string number = target.StartsWith("sm_", StringComparison.Ordinal) ? target[3..]
                : target.StartsWith("compute_", StringComparison.Ordinal) ? target[8..] : string.Empty;
            if (number.EndsWith('a')) number = number[..^1];
            if (number.Length is < 2 or > 3 || !number.All(char.IsAsciiDigit)) throw bundle.Malformed($"'{target}' is not a target; sm_90, sm_90a and compute_80 are");
            return target;
        }

        private string Hash(JsonElement element)
        {
            string hash = Text(element, "sha256");
            if (hash.Length != 64 || !hash.All(char.IsAsciiHexDigitLower)) throw bundle.Malformed($"'{hash}' is not a SHA-256 in lower-case hexadecimal");
            return hash;
        }

        private int Number(JsonElement element, string name, int most = int.MaxValue)
        {
            int number = element.GetProperty(name).GetInt32();
            return number >= 0 && number <= most ? number : throw bundle.Malformed($"\"{name}\" is {number}, expected 0 to {most}");
        }
    }
}
