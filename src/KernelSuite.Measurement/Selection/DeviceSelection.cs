using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>What devices are selected for.</summary>
public enum DevicePurpose
{
    /// <summary>To compute or to check: every device counts.</summary>
    Compute,

    /// <summary>To time: <c>all</c> leaves out emulators, whose times mean nothing; one named by its id is taken.</summary>
    Time,
}

/// <summary>From <c>auto</c>, <c>all</c> or a list of ids to devices.</summary>
public static class DeviceSelection
{
    /// <summary>Finds the devices; opens none.</summary>
    /// <param name="catalog">The devices of this machine.</param>
    /// <param name="ids">Ids, <c>auto</c> or <c>all</c>; empty means <c>auto</c>.</param>
    /// <param name="purpose">What for.</param>
    /// <param name="reason">Why, where the suite chose by itself or left something out; otherwise empty.</param>
    /// <exception cref="ArgumentException">An id is malformed.</exception>
    /// <exception cref="DeviceUnavailableException">A device is not here; carries what was tried.</exception>
    public static IReadOnlyList<DeviceInfo> Select(DeviceCatalog catalog, IReadOnlyList<string> ids, DevicePurpose purpose, out string reason)
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
                IReadOnlyList<DeviceInfo> all = catalog.Enumerate();
                found = all.Where(d => purpose == DevicePurpose.Compute || d.Kind != DeviceKind.Emulator);
                string[] left = [.. all.Except(found).Select(d => d.Id.ToString())];
                if (left.Length > 0) reason = $"{string.Join(", ", left)} left out: emulators check kernels, their times mean nothing. Name one to time it all the same.";
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
