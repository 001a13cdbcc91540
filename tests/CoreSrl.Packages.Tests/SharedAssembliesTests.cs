using System.Reflection;
using System.Text.RegularExpressions;
using CoreSrl.Checkpoints;

namespace CoreSrl.Packages.Tests;

/// <summary>What <c>plugins/README.md</c> says that the program shares, and that a plugin must not bring.</summary>
public sealed partial class SharedAssembliesTests
{
    private static string Section { get; } =
        File.ReadAllText(Path.Combine(Repository.Path, "plugins", "README.md")).Split("### What the program shares\n")[1].Split("\n## ")[0];

    [Fact]
    public void The_page_names_what_the_program_shares()
    {
        var rows = Section.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|')[1]);
        Assert.Equal(InCode("CoreSrl.Plugins.PluginLoadContexts", "Shared"), Names().Matches(string.Concat(rows)).Select(name => name.Groups[1].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_page_names_what_a_plugin_must_not_bring() =>
        Assert.Equal(
            InCode("CoreSrl.Plugins.Installing.PluginCheck", "Unwanted"),
            Names().Matches(Section).Select(name => name.Groups[1].Value).Where(name => name.EndsWith(".dll", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    private static IEnumerable<string> InCode(string type, string list) =>
        ((string[])typeof(CheckpointManager).Assembly.GetType(type, throwOnError: true)!.GetField(list, BindingFlags.NonPublic | BindingFlags.Static)!.GetValue(null)!)
            .Order(StringComparer.Ordinal);

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Names();
}
