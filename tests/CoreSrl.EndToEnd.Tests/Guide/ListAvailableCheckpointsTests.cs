using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>"List Available Checkpoints": newest first, the final one on top.</summary>
public sealed class ListAvailableCheckpointsTests(DefaultRun run) : IClassFixture<DefaultRun>
{
    [Fact]
    public async Task The_command_lists_them_newest_first()
    {
        var list = JsonNode.Parse((await Srl.RunAsync(run.Folder, "list", "--json")).Succeeded().Output)!.AsArray();
        Assert.Equal(run.Ids, list.Select(entry => (string)entry!["id"]!));
        Assert.Equal([200, 150, 100, 50], list.Select(entry => (int)entry!["episode"]!));
        Assert.Equal([true, false, false, false], list.Select(entry => (bool)entry!["final"]!));
        Assert.StartsWith("final_multimodel_ep_200_", run.Ids[0], StringComparison.Ordinal);

        var lines = (await Srl.RunAsync(run.Folder, "list")).Succeeded().Output.Split('\n');
        Assert.Equal(run.Ids, lines.Skip(2).Take(4).Select(line => line.Split(' ')[0]));
    }
}
