using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Plugins;
using CoreSrl.Plugins.Inspecting;
using Microsoft.Extensions.Configuration;

namespace CoreSrl.Tests.Plugins;

/// <summary>What a plugin's constructor may ask for, and what is said of one that asks for something else.</summary>
public sealed class PluginShapeTests
{
    [Theory]
    [InlineData(typeof(OfOpenRecord), nameof(OpenRecord))]
    [InlineData(typeof(OfClass), nameof(NoRecord))]
    [InlineData(typeof(OfPositional), nameof(Positional))]
    public void Options_that_cannot_be_made_are_told_when_listed_as_when_used(Type plugin, string options)
    {
        var problem = $"plugin 'asking' cannot be used: its options '{options}' must be a sealed record with a parameterless constructor.";

        Assert.Equal(problem, Assert.Throws<ConfigurationException>(() => new PluginInspector(MultiModelConfig.Default()).OptionsOf(Descriptor(plugin))).Message);
        Assert.Equal($"Section: {problem}", Create(plugin, []));
    }

    [Fact]
    public void What_nobody_can_give_a_constructor_is_told_in_one_line()
    {
        var problem = Create(typeof(OfNumber), []);

        Assert.StartsWith("Section: plugin 'asking' could not be created: ", problem, StringComparison.Ordinal);
        Assert.Contains("Cannot resolve parameter 'Int32 number'", problem, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem);
        Assert.DoesNotContain("http", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_required_member_must_be_set()
    {
        Assert.Equal("Section:Every: a value is required.", Create(typeof(OfRequired), []));
        Assert.Equal("", Create(typeof(OfRequired), new() { ["Section:Every"] = "3" }));
    }

    /// <summary>Creates a plugin; says what goes wrong.</summary>
    private static string Create(Type plugin, Dictionary<string, string?> options)
    {
        var host = new PluginHost(MultiModelConfig.Default(), new() { PluginTypes = [plugin] });
        try
        {
            host.Create<IMetadataContributor>(PluginContract.Metadata, new("Section", "asking", new ConfigurationBuilder().AddInMemoryCollection(options).Build().GetSection("Section")));
            return "";
        }
        catch (ConfigurationException e)
        {
            return e.Message;
        }
    }

    private static PluginDescriptor Descriptor(Type type) =>
        new() { Name = "asking", Contract = PluginContract.Metadata, TypeName = type.FullName!, AssemblyPath = type.Assembly.Location, LoadedType = type };

    public record OpenRecord;

    public sealed class NoRecord;

    public sealed record Positional(int Every);

    public sealed record Required
    {
        public required int Every { get; init; }
    }

    public abstract class Asking : IMetadataContributor
    {
        public IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) => new Dictionary<string, JsonNode?>();
    }

    [Plugin("asking")]
    public sealed class OfOpenRecord(OpenRecord options) : Asking
    {
        public OpenRecord Options => options;
    }

    [Plugin("asking")]
    public sealed class OfClass(NoRecord options) : Asking
    {
        public NoRecord Options => options;
    }

    [Plugin("asking")]
    public sealed class OfPositional(Positional options) : Asking
    {
        public Positional Options => options;
    }

    [Plugin("asking")]
    public sealed class OfNumber(int number) : Asking
    {
        public int Number => number;
    }

    [Plugin("asking")]
    public sealed class OfRequired(Required options) : Asking
    {
        public Required Options => options;
    }
}
