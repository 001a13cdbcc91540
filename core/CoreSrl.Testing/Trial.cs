using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;

namespace CoreSrl.Testing;

/// <summary>One rule on trial: what it makes is disposed of behind it; and the words for what a plugin does wrong.</summary>
internal abstract class Trial : IAsyncDisposable
{
    private const int Attempts = 10;

    private readonly ConformanceRule _rule;
    private readonly TimeSpan _patience;
    private readonly TimeSpan _quick;
    private readonly int _seed;
    private readonly ConcurrentStack<object> _made = [];

    protected Trial(ConformanceRule rule, ConformanceOptions options)
    {
        _rule = rule;
        _patience = options.Patience;
        _quick = options.QuickLimit;
        _seed = options.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue);
        Random = new(_seed);
    }

    /// <summary>Seeded; for one thread.</summary>
    public Random Random { get; }

    /// <summary>Where the plugin works, to follow the seed in a message.</summary>
    protected virtual string Place => "";

    /// <summary>Whether the rule took too long and runs on.</summary>
    protected bool Abandoned { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var check = Task.Run(() => _rule.CheckAsync(this), cancellationToken);
        if (await Task.WhenAny(check, Task.Delay(_patience, cancellationToken)).ConfigureAwait(false) != check)
        {
            Abandoned = true;
            cancellationToken.ThrowIfCancellationRequested();
            throw Violated($"an end within {_patience.TotalSeconds:F0} s", "there was none");
        }

        try
        {
            await check.ConfigureAwait(false);
        }
        catch (Exception e) when (e is not ConformanceException && !cancellationToken.IsCancellationRequested)
        {
            throw Violated("no error", $"there was {Tell(e)}", e);
        }
    }

    /// <summary>The error of a rule that is not kept.</summary>
    /// <param name="expected">What the contract promises, to follow "expected".</param>
    /// <param name="found">What happened, as half a sentence.</param>
    /// <param name="cause">What was thrown, if that is it.</param>
    public ConformanceException Violated(string expected, string found, Exception? cause = null) =>
        new($"{_rule.Name} ({_rule.Promise}): expected {expected}; {found}. (seed {_seed}{Place})", cause);

    /// <summary>Fails unless something holds.</summary>
    public void Expect(bool holds, string expected, string found)
    {
        if (!holds)
            throw Violated(expected, found);
    }

    /// <summary>Fails unless two values are the same.</summary>
    public void ExpectSame<T>(T expected, T found, string what) =>
        Expect(EqualityComparer<T>.Default.Equals(expected, found), $"{what} to be {Tell(expected)}", $"it was {Tell(found)}");

    /// <summary>Fails unless two lists are the same; says where they part.</summary>
    public void ExpectList<T>(IReadOnlyList<T> expected, IReadOnlyList<T> found, string what)
    {
        var same = expected.Zip(found).TakeWhile(pair => EqualityComparer<T>.Default.Equals(pair.First, pair.Second)).Count();
        if (same < expected.Count || same < found.Count)
            throw Violated($"{what}: {At(expected, same)}", $"found {At(found, same)}");

        static string At(IReadOnlyList<T> list, int place) => place < list.Count ? $"{Tell(list[place])} in place {place}" : $"its end in place {place}";
    }

    /// <summary>Fails unless a call is quick, as <see cref="ConformanceOptions.QuickLimit"/> says.</summary>
    public void ExpectQuick(Action call, string what)
    {
        var fastest = TimeSpan.MaxValue;
        for (var i = 0; i < Attempts && fastest > _quick; i++)
        {
            var (began, waited) = (Stopwatch.GetTimestamp(), ProcessorQueue.Waited());
            call();
            var took = Stopwatch.GetElapsedTime(began) - (ProcessorQueue.Waited() - waited);
            fastest = took < fastest ? took : fastest;
        }

        Expect(
            fastest <= _quick, $"{what} within {_quick.TotalMilliseconds:F0} ms (QuickLimit)", $"the fastest of {Attempts} took {fastest.TotalMilliseconds:F0} ms");
    }

    /// <summary>What was thrown, for a message.</summary>
    public virtual string Tell(Exception e) => $"{e.GetType().Name}: {e.Message}";

    // For tidiness alone: what a plugin does wrong here is a rule's to say.
    public virtual async ValueTask DisposeAsync()
    {
        foreach (var made in _made)
        {
            try
            {
                if (made is IAsyncDisposable asynchronous)
                    await asynchronous.DisposeAsync().ConfigureAwait(false);
                else
                    (made as IDisposable)?.Dispose();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
            }
        }
    }

    /// <summary>Makes something that is disposed of, if it can be, when the rule has been checked; the last made first.</summary>
    protected T Make<T>(Func<T> make)
        where T : class
    {
        var made = make() ?? throw new InvalidOperationException("The factory gave nothing.");
        _made.Push(made);
        return made;
    }

    protected static string Tell<T>(T value) => value switch
    {
        null => "nothing",
        string text => $"'{text}'",
        _ => $"{value}",
    };
}
