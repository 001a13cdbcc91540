using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>One rule of environments on trial.</summary>
internal sealed class EnvironmentTrial(ConformanceRule rule, Func<IEnvironment> create, EnvironmentConformanceOptions options)
    : PluginTrial<IEnvironment>(rule, create, options)
{
    public EnvironmentConformanceOptions Options => options;
}
