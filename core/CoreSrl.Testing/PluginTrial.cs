namespace CoreSrl.Testing;

/// <summary>One rule of plugins that are made by a factory without parameters on trial.</summary>
internal class PluginTrial<TPlugin>(ConformanceRule rule, Func<TPlugin> create, ConformanceOptions options) : Trial(rule, options)
    where TPlugin : class
{
    /// <summary>Another instance, with the same options.</summary>
    public TPlugin Create() => Make(create);
}
