namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>How much a template may do: whoever wrote it may have made one that never ends, or writes without end.</summary>
internal sealed class Work
{
    // Seconds, and some hundred MiB: a thousand times what a long conversation takes.
    private const long Most = 1 << 26;
    private const int Step = 16;

    private long _done;

    /// <summary>One more step.</summary>
    public void Spend() => Spend(Step);

    /// <summary>So many items are gone through.</summary>
    public void SpendItems(long count) => Spend(Math.Min(count, Most) * Step);

    /// <summary>So many characters are written or copied.</summary>
    public void Spend(long characters)
    {
        _done += Math.Clamp(characters, 0, Most + 1);
        if (_done > Most)
            throw new ValueException("the template does more than any conversation needs; it may have no end");
    }
}
