using System.Text.Json.Nodes;
using Autofac;
using CoreSrl.Abstractions;

namespace CoreSrl.TestPlugins.WithModule;

/// <summary>A service of the plugin's own.</summary>
public interface IGreeter
{
    string Greet();
}

/// <summary>Registers it.</summary>
public sealed class GreetingModule : Module
{
    protected override void Load(ContainerBuilder builder) => builder.RegisterType<Greeter>().As<IGreeter>();

    private sealed class Greeter : IGreeter
    {
        public string Greet() => "hello from a module";
    }
}

/// <summary>Can be created only if the module was found.</summary>
[Plugin("greeting")]
public sealed class GreetingContributor(IGreeter greeter) : IMetadataContributor
{
    public IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) =>
        new Dictionary<string, JsonNode?> { ["greeting"] = greeter.Greet() };
}
