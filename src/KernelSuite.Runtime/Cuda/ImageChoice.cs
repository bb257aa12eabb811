using System.Globalization;

namespace KernelSuite.Runtime.Cuda;

/// <summary>Which compiled image a device loads, or why none will do.</summary>
/// <param name="Target">The target's name, or null where none will do.</param>
/// <param name="IsPtx">Whether it is PTX, which the driver compiles.</param>
/// <param name="Reason">Why this one; for a refusal the numbers and the next step.</param>
internal sealed record ImageChoice(string? Target, bool IsPtx, string Reason)
{
    /// <summary>
    /// GPUs of NVIDIA's systems on a chip: machine code of another compute capability does not run on them, although the major number is the
    /// same, nor theirs elsewhere (CUDA programming guide, "Binary Compatibility").
    /// </summary>
    private static readonly Version[] OnChip = [new(5, 3), new(6, 2), new(7, 2), new(8, 7), new(10, 1), new(11, 0)];

    /// <summary>
    /// Machine code for exactly this GPU; else of the same major and the next lower minor number; else the newest PTX that is not newer than
    /// GPU and driver.
    /// </summary>
    /// <param name="capability">The GPU's compute capability.</param>
    /// <param name="driver">What cuDriverGetVersion gave, for example 12020.</param>
    /// <param name="targets">The targets at hand, as <see cref="ProgramImages.Targets"/> lists them.</param>
    /// <param name="ptxVersion">The version of the PTX language that the compiler wrote.</param>
    /// <param name="compiler">The compiler, for the message.</param>
    /// <param name="forcePtx">Whether machine code is passed over.</param>
    public static ImageChoice Choose(
        Version capability, int driver, IReadOnlyList<string> targets, Version ptxVersion, string compiler, bool forcePtx = false)
    {
        Image[] images = [.. targets.Select(Image.Parse).OfType<Image>()];
        if (!forcePtx && images.Where(i => !i.IsPtx && i.RunsOn(capability)).Max() is { } code)
            return new ImageChoice(code.Target, false, code.Capability == capability ? "machine code for this GPU" : $"machine code for {code.Capability}, which runs on {capability}");

        Image? ptx = images.Where(i => i.IsPtx && i.RunsOn(capability)).Max();
        string gpu = $"compute capability {capability} under driver {DriverVersion.Format(driver)} ({driver})";
        string have = targets.Count == 0 ? "nothing" : string.Join(", ", targets);
        if (ptx is null)
        {
            return new ImageChoice(null, false,
                $"Nothing that was compiled runs on {gpu}{(forcePtx ? " (KSUITE_CUDA_FORCE_PTX=1 passes over machine code)" : string.Empty)}: {compiler} made {have}. "
                + $"Build the suite with KSUITE_CUDA_ARCHS={Digits(capability)}.");
        }

        if (DriverVersion.NewestPtx(driver) is { } newest && ptxVersion > newest)
        {
            return new ImageChoice(null, true,
                $"The PTX is too new for {gpu}: {compiler} wrote version {ptxVersion} and the driver compiles up to {newest}; there is no machine code for this GPU "
                + $"({have}). Update the NVIDIA driver, or build the suite with KSUITE_CUDA_ARCHS={Digits(capability)} or an older CUDA toolkit.");
        }

        return new ImageChoice(ptx.Target, true, forcePtx ? "PTX, as KSUITE_CUDA_FORCE_PTX=1 demands" : $"PTX, compiled by the driver: there is no machine code for {capability}");
    }

    private static string Digits(Version capability) => string.Create(CultureInfo.InvariantCulture, $"{capability.Major}{capability.Minor}");

    /// <summary>A target's name taken apart. The letter marks code for one architecture only, as in <c>sm_90a</c>.</summary>
    private sealed record Image(string Target, bool IsPtx, Version Capability, bool IsExact) : IComparable<Image>
    {
        /// <summary>Null for names of a kind that is not known; those are never chosen.</summary>
        public static Image? Parse(string target)
        {
            bool isPtx = target.StartsWith("compute_", StringComparison.Ordinal);
            if (!isPtx && !target.StartsWith("sm_", StringComparison.Ordinal)) return null;
            string number = target[(isPtx ? 8 : 3)..];
            bool isExact = number.EndsWith('a');
            if (isExact) number = number[..^1];
            return number.Length is 2 or 3 && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                ? new Image(target, isPtx, new Version(value / 10, value % 10), isExact) : null;
        }

        public bool RunsOn(Version capability)
        {
            if (Capability == capability) return true;
            if (IsExact) return false;
            if (IsPtx) return Capability < capability;
            return Capability.Major == capability.Major && Capability < capability && !OnChip.Contains(capability) && !OnChip.Contains(Capability);
        }

        public int CompareTo(Image? other)
        {
            int order = Capability.CompareTo(other?.Capability);
            return order != 0 ? order : IsExact.CompareTo(other!.IsExact);
        }
    }
}
