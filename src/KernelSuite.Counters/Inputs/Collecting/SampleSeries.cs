namespace KernelSuite.Counters.Inputs.Collecting;

/// <summary>Why a sample is dropped.</summary>
internal enum DropReason
{
    None,
    Incomplete,
    NotCounted,
    NotRunning,
}

/// <summary>
/// Samples that follow one another, such as those of one core. One is open at a time; the series of an observation feed it together.
/// </summary>
internal sealed class SampleSeries(ObservationInput observation)
{
    private double[] values = [];
    private long[] stamps = [];
    private byte[] key = new byte[64];
    private int keyLength = -1;
    private long stamp = 1;
    private int present;
    private DropReason reason;

    /// <summary>The observation it belongs to.</summary>
    public ObservationInput Observation => observation;

    /// <summary>Whether the open sample has this key.</summary>
    public bool IsAt(ReadOnlySpan<byte> sampleKey) => keyLength >= 0 && sampleKey.SequenceEqual(key.AsSpan(0, keyLength));

    /// <summary>Whether a sample is open that has values or should have had them.</summary>
    public bool IsOpen => present > 0 || reason != DropReason.None;

    /// <summary>Room for values, which counts against <see cref="InputLimits.MostOpenValues"/>.</summary>
    public int Capacity => values.Length;

    public void Rekey(ReadOnlySpan<byte> sampleKey)
    {
        if (sampleKey.Length > key.Length) key = new byte[sampleKey.Length * 2];
        sampleKey.CopyTo(key);
        keyLength = sampleKey.Length;
    }

    /// <summary>Whether the open sample has this place.</summary>
    public bool Has(int place) => place >= 0 && place < stamps.Length && stamps[place] == stamp;

    /// <summary>Sets a value of the open sample.</summary>
    /// <returns>False where it has one already.</returns>
    public bool Put(int place, double value)
    {
        if (place >= values.Length) Grow(place);
        if (stamps[place] == stamp) return false;
        stamps[place] = stamp;
        values[place] = value;
        present++;
        return true;
    }

    /// <summary>Marks the open sample as one to drop; the first reason stays.</summary>
    public void Spoil(DropReason why)
    {
        if (reason == DropReason.None) reason = why;
    }

    /// <summary>Ends the open sample: the observation takes it, or it is dropped.</summary>
    /// <returns>Null where none was open, else why it was dropped.</returns>
    public DropReason? Close()
    {
        if (!IsOpen) return null;
        DropReason why = reason != DropReason.None ? reason : present < observation.Count ? DropReason.Incomplete : DropReason.None;
        if (why == DropReason.None) observation.Take(values.AsSpan(0, present));
        else observation.Dropped++;
        stamp++;
        present = 0;
        reason = DropReason.None;
        keyLength = -1;
        return why;
    }

    private void Grow(int place)
    {
        int length = Math.Max(place + 1, Math.Max(8, observation.Count));
        if (length > 8) length = Math.Max(length, Math.Min(2 * values.Length, InputLimits.MostCountersOfObservation));
        Array.Resize(ref values, length);
        Array.Resize(ref stamps, length);
    }
}
