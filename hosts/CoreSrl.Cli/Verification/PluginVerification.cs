using CoreSrl.Cli.Display;
using CoreSrl.Cli.Isolation;

namespace CoreSrl.Cli.Verification;

/// <summary>Has a plugin checked in another process, and in one more from the next rule on when that one dies of it.</summary>
/// <param name="arguments">What is typed behind <c>srl</c> to check the plugin.</param>
/// <param name="limit">How long a rule may take.</param>
/// <param name="say">Told of each rule when it has been checked.</param>
internal sealed class PluginVerification(IReadOnlyList<string> arguments, TimeSpan limit, Action<RuleVerdict> say)
{
    /// <summary>A plugin that hangs in so many rules is asked no more.</summary>
    private const int MostStuck = 3;

    /// <summary>The process itself gives a rule up at the limit; only if it cannot, it is killed.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(15);

    private readonly List<RuleVerdict> _verdicts = [];
    private readonly Dictionary<string, string> _promises = [];
    private readonly List<string> _open = [];
    private int _stuck;

    public async Task<PluginVerdict> RunAsync(CancellationToken cancellationToken)
    {
        string? failure;
        do
        {
            failure = await RunOnceAsync(cancellationToken);
        }
        while (failure is null && _open.Count > 0 && _stuck < MostStuck);
        foreach (var rule in failure is null ? _open.ToList() : [])
            Close(rule, $"{rule} ({_promises[rule]}): not checked, since {_stuck} rules before it did not come to an end.");
        return new(_verdicts, failure);
    }

    /// <summary>Checks in one process the rules that are still open.</summary>
    /// <returns>Why nothing can be checked; null when something was.</returns>
    private async Task<string?> RunOnceAsync(CancellationToken cancellationToken)
    {
        await using var process = new PluginProcess([.. arguments, .. _open.SelectMany(rule => new[] { "--rule", rule })]);
        string? current = null;
        string end;
        try
        {
            while (await process.NextAsync(limit + Margin, cancellationToken) is { } line)
            {
                var message = VerifyMessage.FromLine(line);
                switch (message.Kind)
                {
                    case VerifyMessageKind.Rule when _promises.TryAdd(message.Rule!, message.Text!):
                        _open.Add(message.Rule!);
                        break;
                    case VerifyMessageKind.Begin:
                        current = message.Rule;
                        break;
                    case VerifyMessageKind.End:
                        Close(message.Rule!, message.Text);
                        current = null;
                        break;
                    case VerifyMessageKind.Stuck:
                        _stuck++;
                        Close(message.Rule!, message.Text);
                        return null;
                    case VerifyMessageKind.Failed:
                        return message.Text;
                    case VerifyMessageKind.Done:
                        return null;
                }
            }

            end = await process.DescribeEndAsync();
        }
        catch (TimeoutException)
        {
            _stuck++;
            end = $"did not answer for {Terminal.Duration(limit + Margin)} and was killed";
        }

        if (current is null)
            return $"the process that was to check it {end}";
        Close(current, $"{current} ({_promises[current]}): the process in which this was checked {end}.");
        return null;
    }

    private void Close(string rule, string? problem)
    {
        var verdict = new RuleVerdict(rule, _promises[rule], problem);
        _open.Remove(rule);
        _verdicts.Add(verdict);
        say(verdict);
    }
}
