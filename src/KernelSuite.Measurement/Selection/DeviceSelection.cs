using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>From <c>auto</c>, <c>all</c> or a list of ids to devices.</summary>
public static class DeviceSelection
{
    /// <summary>Finds the devices; opens none.</summary>
    /// <param name="catalog">The devices of this machine.</param>
    /// <param name="ids">Ids, <c>auto</c> or <c>all</c>; empty means <c>auto</c>.</param>
    /// <param name="reason">Why, where the suite chose by itself; otherwise empty.</param>
    /// <exception cref="ArgumentException">An id is malformed.</exception>
    /// <exception cref="DeviceUnavailableException">A device is not here; carries what was tried.</exception>
    public static IReadOnlyList<DeviceInfo> Select(DeviceCatalog catalog, IReadOnlyList<string> ids, out string reason)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(ids);
        reason = string.Empty;
        var chosen = new List<DeviceInfo>();
        foreach (string id in ids.Count == 0 ? ["auto"] : ids)
        {
            IEnumerable<DeviceInfo> found;
            if (id == "all")
            {
                found = catalog.Enumerate();
            }
            else if (id == "auto")
            {
                (DeviceInfo device, reason) = catalog.Choose();
                found = [device];
            }
            else
            {
                found = [catalog.Find(id)];
            }

            chosen.AddRange(found.Where(d => chosen.All(c => c.Id != d.Id)));
        }

        return chosen;
    }
}
