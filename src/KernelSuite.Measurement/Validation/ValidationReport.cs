using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>One checked case as the report shows it.</summary>
/// <param name="Operation">Operation name.</param>
/// <param name="Case">Case name.</param>
/// <param name="Device">Device id.</param>
/// <param name="Dtype">Storage dtype.</param>
/// <param name="Implementation">Implementation name.</param>
/// <param name="Status"><c>pass</c>, <c>fail</c> or <c>unsupported</c>.</param>
/// <param name="WorstError">Largest absolute error; not finite (null in JSON) where nothing ran or NaN and infinities differ.</param>
/// <param name="Allowed">The derived tolerance; not finite (null in JSON) where nothing ran.</param>
/// <param name="Reason">Why it failed or is not supported; empty for a pass.</param>
public sealed record ValidationRecord(
    string Operation, string Case, string Device, string Dtype, string Implementation, string Status, double WorstError, double Allowed, string Reason)
{
    /// <summary>The record of a result.</summary>
    public static ValidationRecord Of(CaseResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return new ValidationRecord(
            result.Operation, result.Case, result.Device.ToString(), result.DType.Name(), result.Implementation, StatusNames.Of(result.Status), result.WorstError,
            result.Allowed, result.Reason);
    }
}

/// <summary>Everything a validation found.</summary>
/// <param name="Context">Machine, build and command.</param>
/// <param name="Devices">The devices that were used.</param>
/// <param name="Cases">One record for every case, device and implementation.</param>
public sealed record ValidationReport(RunContext Context, IReadOnlyList<DeviceRecord> Devices, IReadOnlyList<ValidationRecord> Cases)
{
    /// <summary>Cases within the tolerance.</summary>
    public int Passed => Cases.Count(c => c.Status == StatusNames.Pass);

    /// <summary>Cases outside it, or that the device or the check's own control failed.</summary>
    public int Failed => Cases.Count(c => c.Status == StatusNames.Fail);

    /// <summary>Cases that a device does not support.</summary>
    public int Unsupported => Cases.Count(c => c.Status == StatusNames.Unsupported);
}

/// <summary>The status words of reports.</summary>
public static class StatusNames
{
    /// <summary>Within the tolerance.</summary>
    public const string Pass = "pass";

    /// <summary>Outside the tolerance, or the device failed, or the check proves nothing.</summary>
    public const string Fail = "fail";

    /// <summary>The device does not support the case.</summary>
    public const string Unsupported = "unsupported";

    /// <summary>Left out, with a reason.</summary>
    public const string Skipped = "skipped";

    /// <summary>The word of a status.</summary>
    public static string Of(CaseStatus status) => status switch
    {
        CaseStatus.Pass => Pass,
        CaseStatus.Unsupported => Unsupported,
        _ => Fail,
    };
}
