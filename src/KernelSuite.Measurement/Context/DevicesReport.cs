using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>The devices of this machine and which one <c>auto</c> means.</summary>
/// <param name="Devices">Every device that can be opened.</param>
/// <param name="Auto">Id that <c>auto</c> chooses; null where nothing can be chosen.</param>
/// <param name="Reason">Why.</param>
public sealed record DevicesReport(IReadOnlyList<DeviceRecord> Devices, string? Auto, string Reason)
{
    /// <summary>Asks every backend of a catalog.</summary>
    public static DevicesReport Of(DeviceCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        IReadOnlyList<DeviceInfo> devices = catalog.Enumerate();
        string? auto = null;
        string reason;
        try
        {
            (DeviceInfo chosen, reason) = DeviceCatalog.Choose(devices);
            auto = chosen.Id.ToString();
        }
        catch (DeviceUnavailableException error)
        {
            reason = error.Message;
        }

        return new DevicesReport([.. devices.Select(DeviceRecord.Of)], auto, reason);
    }
}
