using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>Outcome of a check.</summary>
public enum CaseStatus
{
    /// <summary>Within the tolerance.</summary>
    Pass,

    /// <summary>Outside the tolerance, or the device failed, or the check's own control was not detected.</summary>
    Fail,

    /// <summary>The device does not support the case; neither pass nor fail.</summary>
    Unsupported,
}

/// <summary>Result of validating one case on one device.</summary>
/// <param name="Operation">Operation name.</param>
/// <param name="Case">Case name.</param>
/// <param name="Device">Device id.</param>
/// <param name="DType">Storage dtype.</param>
/// <param name="Implementation">Implementation name.</param>
/// <param name="Status">Outcome.</param>
/// <param name="WorstError">Largest absolute error; infinity where NaN or infinities differ; NaN where nothing ran.</param>
/// <param name="Allowed">The derived tolerance; NaN where nothing ran.</param>
/// <param name="Reason">Why it failed or is not supported; empty for a pass.</param>
public sealed record CaseResult(
    string Operation, string Case, DeviceId Device, DType DType, string Implementation, CaseStatus Status, double WorstError, double Allowed, string Reason);
