using System.Diagnostics;
using CoreSrl.Packages.Tests.Processes;

namespace CoreSrl.Packages.Tests;

/// <summary>Several who make a plugin each, at the same time, but no more than there are processors.</summary>
public sealed class Strangers : IAsyncLifetime
{
    private readonly SemaphoreSlim _desks = new(Environment.ProcessorCount);
    private readonly Feed _feed;
    private readonly Dictionary<string, Task<StrangersPlugin>> _made;

    /// <summary>One plugin is made for each of them.</summary>
    public static IReadOnlyList<string> Contracts { get; } = ["policy", "metadata", "storage", "backend", "environment"];

    public Strangers(Feed feed)
    {
        _feed = feed;
        _made = Contracts.ToDictionary(contract => contract, MakeAsync);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_made.Values.Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // Nobody works on where the desk is gone.
        _desks.Dispose();
    }

    /// <summary>The plugin of a contract, when its README's commands have been run.</summary>
    internal Task<StrangersPlugin> MadeAsync(string contract) => _made[contract];

    /// <summary>Creates a plugin and runs its README's commands, one after another.</summary>
    private async Task<StrangersPlugin> MakeAsync(string contract)
    {
        // One name is no namespace as it stands.
        var name = contract == "environment" ? "my-games.2048 Game" : $"Acme.Srl.{char.ToUpperInvariant(contract[0])}{contract[1..]}One";
        await _desks.WaitAsync();
        try
        {
            var clock = Stopwatch.StartNew();
            await new Command(_feed.Desk, _feed.Environment).RunAsync("dotnet", "new", "srl-plugin", "-n", name, "--contract", contract);
            var plugin = new StrangersPlugin(Path.Combine(_feed.Desk, name), _feed.Environment);
            foreach (var command in plugin.Commands())
            {
                var said = await plugin.RunAsync(command);
                Assert.DoesNotContain(": warning", said, StringComparison.OrdinalIgnoreCase);
                plugin.Times.Add((command, clock.Elapsed.TotalSeconds));
            }

            return plugin;
        }
        finally
        {
            _desks.Release();
        }
    }
}
