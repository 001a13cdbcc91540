namespace CoreSrl.Storage.Tests.Faults;

/// <summary>What can become of a request on its way.</summary>
internal enum Fault
{
    /// <summary>Nothing: it is answered.</summary>
    None,

    /// <summary>The connection is reset before anything is sent.</summary>
    Reset,

    /// <summary>The connection is reset when half of the body has been sent.</summary>
    ResetMidway,

    /// <summary>The server has done it, and the connection is reset before the answer.</summary>
    LostAnswer,

    /// <summary>The server answers that it failed (500).</summary>
    ServerError,

    /// <summary>The server answers that it is asked too much (503).</summary>
    SlowDown,

    /// <summary>Nothing is done, and nothing is answered.</summary>
    Stall,

    /// <summary>The server has done it, and nothing is answered.</summary>
    StalledAnswer,

    /// <summary>The connection ends in the middle of the answer's body.</summary>
    Truncated,

    /// <summary>A bit of the answer's body is another: of an object or what else the server has to say, but for listings.</summary>
    Flipped,

    /// <summary>The server answers that the credentials have expired (403), until somebody signs in anew.</summary>
    Expired,
}
