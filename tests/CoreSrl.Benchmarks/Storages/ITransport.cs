namespace CoreSrl.Benchmarks.Storages;

/// <summary>One way to bring bytes to a server and back.</summary>
internal interface ITransport
{
    /// <summary>What it is called.</summary>
    string Name { get; }

    /// <summary>Brings content up, under a name that the server may know already, and says how long it took.</summary>
    Task<TimeSpan> UpAsync(string name, TransportContent content);

    /// <summary>Brings content down again, and says how long it took.</summary>
    Task<TimeSpan> DownAsync(string name, TransportContent content);
}
