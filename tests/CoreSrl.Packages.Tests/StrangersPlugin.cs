using System.Text.Json.Nodes;
using CoreSrl.Packages.Tests.Processes;

namespace CoreSrl.Packages.Tests;

/// <summary>A plugin's folder, and what is done in it.</summary>
internal sealed class StrangersPlugin(string folder, IReadOnlyDictionary<string, string> environment)
{
    private readonly Command _shell = new(folder, environment);

    /// <summary>The seconds from its creation to the end of each command of its README.</summary>
    public List<(string Command, double Seconds)> Times { get; } = [];

    public string File(string name) => Path.Combine(folder, name);

    public Task<string> RunAsync(string command) => _shell.RunAsync(command.Split(' '));

    /// <summary>The README's four.</summary>
    public string[] Commands()
    {
        var readme = System.IO.File.ReadAllText(File("README.md"));
        var block = readme.Split("```")[1].Split('\n')[1..];
        string[] commands = [.. block.Where(line => line.Length > 0 && !line.StartsWith('#'))];
        Assert.Equal(4, commands.Length);
        return commands;
    }

    /// <summary>The metadata of the run's checkpoints, newest first, as <c>srl</c> tells it.</summary>
    public async Task<IReadOnlyList<JsonNode>> CheckpointsAsync()
    {
        var listed = JsonNode.Parse(await RunAsync("srl list --config run.json --json"))!.AsArray();
        List<JsonNode> checkpoints = [];
        foreach (var id in listed.Select(entry => (string)entry!["id"]!))
        {
            var checkpoint = JsonNode.Parse(await RunAsync($"srl show {id} --config run.json --json"))!;
            checkpoint["id"] = id;
            checkpoints.Add(checkpoint);
        }

        return checkpoints;
    }
}
