using CoreSrl.Checkpoints;
using NetArchTest.Rules;

namespace CoreSrl.Tests.Architecture;

/// <summary>Arrows point one way: hosts → core ← plugins.</summary>
public class ArrowTests
{
    public static TheoryData<string> Plugins => [.. Built.Plugins];

    [Fact]
    public void The_contracts_refer_to_the_base_class_library_alone() =>
        Assert.All(Built.ReferencesOf("CoreSrl.Abstractions"), reference => Assert.StartsWith("System.", reference, StringComparison.Ordinal));

    [Fact]
    public void The_engine_refers_to_the_contracts_and_to_nothing_else_of_this_house() =>
        Assert.Equal(["CoreSrl.Abstractions"], Built.ReferencesOf("CoreSrl").Where(IsOfThisHouse));

    [Fact]
    public void The_engine_knows_no_torch() => Assert.DoesNotContain("TorchSharp", Built.ReferencesOf("CoreSrl"));

    [Fact]
    public void The_torch_building_blocks_refer_to_the_contracts_and_the_engine() =>
        Assert.Equal(["CoreSrl", "CoreSrl.Abstractions"], Built.ReferencesOf("CoreSrl.Torch").Where(IsOfThisHouse).Order());

    [Fact]
    public void Of_the_engine_the_torch_building_blocks_know_the_formats_alone() =>
        Assert.All(Built.NamespacesOf("CoreSrl", usedBy: "CoreSrl.Torch"), space => Assert.StartsWith("CoreSrl.Formats", space, StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Plugins))]
    public void A_plugin_refers_to_the_contracts_and_perhaps_the_torch_building_blocks_alone(string plugin)
    {
        var references = Built.ReferencesIn(Built.PathOf(plugin)).Where(IsOfThisHouse).ToList();

        Assert.Contains("CoreSrl.Abstractions", references);
        Assert.Empty(references.Except(["CoreSrl.Abstractions", "CoreSrl.Torch"]));
    }

    [Fact]
    public void The_command_refers_to_no_plugin()
    {
        Assert.DoesNotContain(Built.ReferencesOf("srl"), reference => reference.StartsWith("CoreSrl.Plugins.", StringComparison.Ordinal));
        Assert.DoesNotContain("CoreSrl.Plugins.", File.ReadAllText(Path.Combine(Built.Folder, "srl.deps.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_server_refers_to_the_contracts_alone() => Assert.Equal(["CoreSrl.Abstractions"], Built.ReferencesOf("CoreSrl.Server").Where(IsOfThisHouse));

    [Fact]
    public void Formats_know_nothing_of_checkpoints_training_plugins_or_configuration()
    {
        var result = Types.InAssembly(typeof(CheckpointManager).Assembly)
            .That().ResideInNamespace("CoreSrl.Formats")
            .ShouldNot().HaveDependencyOnAny("CoreSrl.Checkpoints", "CoreSrl.Training", "CoreSrl.Plugins", "CoreSrl.Configuration")
            .GetResult();

        Assert.True(result.IsSuccessful, string.Join(", ", result.FailingTypeNames ?? []));
    }

    private static bool IsOfThisHouse(string assembly) => assembly.StartsWith("CoreSrl", StringComparison.Ordinal);
}
