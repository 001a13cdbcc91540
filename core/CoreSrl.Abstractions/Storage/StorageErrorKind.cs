namespace CoreSrl.Abstractions;

/// <summary>The classes of storage errors, by what the caller can do about them.</summary>
public enum StorageErrorKind
{
    /// <summary>There is no such object: do without it.</summary>
    NotFound,

    /// <summary>A write's condition does not hold: somebody else was there first.</summary>
    PreconditionFailed,

    /// <summary>It may work when tried again: a reset connection, a busy server.</summary>
    Transient,

    /// <summary>It will not work until somebody changes something: no permission, no space, a bad key.</summary>
    Permanent,
}
