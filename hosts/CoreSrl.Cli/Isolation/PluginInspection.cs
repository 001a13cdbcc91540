using CoreSrl.Cli.Commands.Plugins;
using CoreSrl.Cli.Display;
using CoreSrl.Plugins;

namespace CoreSrl.Cli.Isolation;

/// <summary>
/// Has plugins loaded in another process, to see which options they have: all in one, which is quick; and if that dies, each in one of
/// its own, so that the one that did it is told as such and no other is.
/// </summary>
/// <param name="arguments">What is typed behind <c>srl</c> to load plugins; which ones is added.</param>
/// <param name="limit">How long one plugin may take.</param>
internal sealed class PluginInspection(IReadOnlyList<string> arguments, TimeSpan limit)
{
    /// <summary>The process itself gives a plugin up at the limit; only if it cannot, it is killed.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(15);

    public async Task<IReadOnlyList<ListedPlugin>> RunAsync(IReadOnlyList<PluginDescriptor> plugins)
    {
        var (listed, end) = await RunOnceAsync(plugins);
        if (end is null)
            return listed;
        if (plugins is [var one])
            return [new(one, [], $"plugin '{one.Name}' cannot be loaded: the process in which that was tried {end}.")];
        var each = new List<ListedPlugin>();
        foreach (var plugin in plugins)
            each.AddRange(await RunAsync([plugin]));
        return each;
    }

    /// <summary>Looks at plugins in one process.</summary>
    /// <returns>What there is to know of them; and how the process ended, if that was before it had looked at all.</returns>
    private async Task<(IReadOnlyList<ListedPlugin> Listed, string? End)> RunOnceAsync(IReadOnlyList<PluginDescriptor> plugins)
    {
        var listed = new List<ListedPlugin>();
        if (plugins.Count == 0)
            return (listed, null);
        await using var process = new PluginProcess([.. arguments, .. plugins.SelectMany(plugin => new[] { PluginInspectingCommand.PluginOption, InspectMessage.KeyOf(plugin) })]);
        try
        {
            while (listed.Count < plugins.Count)
            {
                if (await process.NextAsync(limit + Margin, CancellationToken.None) is not { } line)
                    return (listed, await process.DescribeEndAsync());
                var (options, notLoaded) = InspectMessage.FromLine(line);
                listed.Add(new(plugins[listed.Count], options, notLoaded));
            }
        }
        catch (TimeoutException)
        {
            return (listed, $"did not answer for {Terminal.Duration(limit + Margin)} and was killed");
        }

        return (listed, null);
    }
}
