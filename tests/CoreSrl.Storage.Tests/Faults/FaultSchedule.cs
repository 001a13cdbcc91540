namespace CoreSrl.Storage.Tests.Faults;

/// <summary>Which faults meet which requests: decided by a seed, until it is over.</summary>
internal sealed class FaultSchedule
{
    private static readonly Fault[] All = [.. Enum.GetValues<Fault>().Where(fault => fault is not (Fault.None or Fault.Expired))];

    private readonly Lock _gate = new();
    private readonly Random _random;
    private readonly Fault[] _faults;
    private readonly double _rate;
    private readonly List<Fault> _dealt = [];
    private bool _over;

    public FaultSchedule(int seed)
    {
        _random = new(seed);
        // Some days one thing goes wrong, some days everything; and now and then the credentials expire.
        _faults = [.. _random.GetItems(All, _random.Next(1, 6)), .. _random.Next(4) == 0 ? [Fault.Expired] : Array.Empty<Fault>()];
        _rate = 0.02 + (_random.NextDouble() * 0.3);
    }

    /// <summary>What was dealt out.</summary>
    public string Story
    {
        get
        {
            lock (_gate)
                return string.Join(' ', _dealt);
        }
    }

    public Fault Next()
    {
        lock (_gate)
        {
            if (_over || _random.NextDouble() >= _rate)
                return Fault.None;
            var fault = _faults[_random.Next(_faults.Length)];
            _dealt.Add(fault);
            return fault;
        }
    }

    /// <summary>From now on all is well.</summary>
    public void End()
    {
        lock (_gate)
            _over = true;
    }
}
