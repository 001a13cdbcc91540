namespace CoreSrl.Storage.Tests.Faults;

/// <summary>Which faults meet which requests: decided by a seed.</summary>
internal sealed class FaultSchedule
{
    private static readonly Fault[] All = [.. Enum.GetValues<Fault>().Where(fault => fault is not (Fault.None or Fault.Expired))];

    private readonly Lock _gate = new();
    private readonly Random _random;
    private readonly Fault[] _faults;
    private readonly double _rate;
    private readonly bool _expires;
    private readonly List<Fault> _dealt = [];
    private int _left;

    public FaultSchedule(int seed)
    {
        _random = new(seed);
        // Some days one thing goes wrong, some days everything.
        _faults = _random.GetItems(All, _random.Next(1, 6));
        _rate = 0.02 + (_random.NextDouble() * 0.3);
        _expires = _random.Next(4) == 0;
        Renew();
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

    /// <summary>Somebody signs in anew, on some days for a short time.</summary>
    public void Renew()
    {
        lock (_gate)
            _left = _expires ? _random.Next(1, 150) : int.MaxValue;
    }

    public Fault Next()
    {
        lock (_gate)
        {
            var fault = --_left < 0 ? Fault.Expired
                : _random.NextDouble() < _rate ? _faults[_random.Next(_faults.Length)]
                : Fault.None;
            if (fault != Fault.None)
                _dealt.Add(fault);
            return fault;
        }
    }
}
