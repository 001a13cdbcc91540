using System.Text.Json.Nodes;
using CoreSrl.Cli.Display;
using CoreSrl.Cli.Verification;
using CoreSrl.Configuration;
using CoreSrl.Plugins;

namespace CoreSrl.Cli.Commands.Plugins;

/// <summary>Tells what was found when plugins were verified: to people at once, to machines at the end.</summary>
internal sealed class VerifyReport(bool isShown)
{
    private readonly JsonArray _document = [];
    private JsonObject _current = [];

    /// <summary>Whether every rule is kept.</summary>
    public bool IsKept { get; private set; } = true;

    public void Begin(PluginDescriptor plugin, PluginSelection selection)
    {
        var options = selection.Path == plugin.Name ? "its defaults" : selection.Path;
        _current = new() { ["name"] = plugin.Name, ["contract"] = plugin.Contract.Word(), ["path"] = plugin.AssemblyPath, ["options"] = options };
        _document.Add(_current);
        if (isShown)
            Say($"{plugin.Name} ({plugin.Contract.Word()}), with {(selection.Path == plugin.Name ? options : $"the options of {options}")}");
    }

    public void Say(RuleVerdict rule)
    {
        if (isShown)
            Say(rule.Problem is null ? $"  kept    {rule.Rule}" : $"  BROKEN  {rule.Problem}");
    }

    public void End(PluginVerdict verdict)
    {
        IsKept &= verdict.IsKept;
        _current["ok"] = verdict.IsKept;
        _current["not_verified"] = verdict.Failure;
        _current["rules"] = new JsonArray([.. verdict.Rules.Select(rule => (JsonNode)new JsonObject
        {
            ["rule"] = rule.Rule,
            ["promise"] = rule.Promise,
            ["ok"] = rule.Problem is null,
            ["problem"] = rule.Problem,
        })]);
        if (!isShown)
            return;
        var broken = verdict.Rules.Count(rule => rule.Problem is not null);
        if (verdict.Failure is { } failure)
            Say($"  NOT VERIFIED  {failure.TrimEnd('.')}.");
        else
            Say($"  {verdict.Rules.Count} rules, {(broken == 0 ? "all kept" : $"{broken} broken")}.");
    }

    public void Finish()
    {
        if (!isShown)
            Console.WriteLine(JsonText.Write(_document));
    }

    private static void Say(string line) => Console.WriteLine(Terminal.Printable(line));
}
