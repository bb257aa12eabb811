namespace KernelSuite.Counters.Cones;

/// <summary>A row of a cone failed the check that every result goes through: a defect of this library, never of the model.</summary>
public sealed class ConeVerificationException(string message) : Exception(message);
