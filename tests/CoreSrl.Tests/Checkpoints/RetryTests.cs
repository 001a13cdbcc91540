using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Tests.Checkpoints;

/// <summary>What the engine makes of a storage's failures, call by call.</summary>
public sealed class RetryTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly JumpingClock _clock = new();
    private readonly RecordingLoggers _loggers = new();
    private readonly MemoryStorage _memory = new();
    private readonly FaultyStorage _faulty;
    private int _attempts;

    public RetryTests()
    {
        _faulty = new(_memory);
        foreach (var key in new[] { "a/1", "a/2", "a-b/1", "a0/1", "a0/2", "b" })
            _memory.Objects[key] = "old"u8.ToArray();
    }

    public static TheoryData<string> Verbs => new("stat", "read", "read all", "write", "create", "write if unchanged", "write from", "list", "list folders", "delete");

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task A_call_that_fails_for_a_moment_is_tried_again_until_it_passes(string verb)
    {
        var expected = await new RetryTests().CallAsync(verb);
        Fail(3, Busy);
        Assert.Equal(expected, await CallAsync(verb));
        Assert.Equal(3, _clock.Waits.Count);
        Assert.Equal(3, _loggers.Entries.Count);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task A_call_that_goes_on_failing_is_told_when_the_time_is_up(string verb)
    {
        var patience = TimeSpan.FromMinutes(2);
        var start = _clock.Now;
        Fail(int.MaxValue, Busy);
        var error = await StorageCalls.FailsAsync(StorageErrorKind.Transient, () => CallAsync(verb, patience));
        Assert.Equal("the server is busy", error.Message);
        Assert.InRange(_clock.Now - start, patience, patience + LongestWait);
        Assert.Equal(_clock.Waits.Count + 1, _attempts);
        Assert.Equal(_clock.Waits.Count, _loggers.Entries.Count);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task In_a_hurry_a_call_that_was_unlucky_is_tried_again_and_one_that_waits_for_a_server_is_not(string verb)
    {
        var patient = Patient();
        patient.IsPatient = false;
        Fail(3, Busy);
        await CallAsync(verb, patient, default);
        Assert.Equal(3, _clock.Waits.Count);

        var start = _clock.Now;
        Fail(int.MaxValue, Busy);
        await StorageCalls.FailsAsync(StorageErrorKind.Transient, () => CallAsync(verb, patient, default));
        Assert.InRange(_clock.Now - start, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20));

        Fail(int.MaxValue, () =>
        {
            _clock.Advance(TimeSpan.FromMinutes(1)); // It stands still until the storage gives it up.
            return Busy();
        });
        await StorageCalls.FailsAsync(StorageErrorKind.Transient, () => CallAsync(verb, patient, default));
        Assert.Equal(1, _attempts);
    }

    [Fact]
    public async Task A_call_under_way_gives_up_when_patience_ends()
    {
        var patient = Patient(TimeSpan.FromHours(1));
        Fail(int.MaxValue, () =>
        {
            _clock.Advance(TimeSpan.FromSeconds(30));
            patient.IsPatient = _attempts < 5;
            return Busy();
        });
        await StorageCalls.FailsAsync(StorageErrorKind.Transient, () => CallAsync("stat", patient, default));
        Assert.Equal(5, _attempts);
    }

    [Fact]
    public async Task The_intervals_grow_to_ten_seconds_and_no_further_however_long_it_takes()
    {
        Fail(int.MaxValue, Busy);
        await StorageCalls.FailsAsync(StorageErrorKind.Transient, () => CallAsync("stat", TimeSpan.FromHours(5)));
        var waits = _clock.Waits;
        Assert.All(waits, wait => Assert.InRange(wait, TimeSpan.Zero, LongestWait));
        Assert.InRange(waits[0], TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.InRange(waits.Take(5).Max(), waits[0], TimeSpan.FromSeconds(4));
        Assert.All(waits.Skip(30), wait => Assert.Equal(LongestWait, wait));
        Assert.True(waits.Count > 1024); // Where doublings leave the range of numbers.
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Without_patience_a_call_is_made_once(string verb)
    {
        Fail(1, Busy);
        await StorageCalls.FailsAsync(StorageErrorKind.Transient, () => CallAsync(verb, TimeSpan.Zero));
        Assert.Equal(1, _attempts);
        Assert.Empty(_loggers.Entries);
    }

    [Fact]
    public async Task The_time_begins_with_the_first_failure_not_with_a_call_that_takes_long()
    {
        Fail(2, () =>
        {
            _clock.Advance(TimeSpan.FromMinutes(_attempts == 1 ? 90 : 0));
            return Busy();
        });
        Assert.Equal("3", await CallAsync("stat", TimeSpan.FromMinutes(2)));
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task What_will_not_pass_is_told_at_once_as_it_is(string verb)
    {
        foreach (var kind in new[] { StorageErrorKind.NotFound, StorageErrorKind.PreconditionFailed, StorageErrorKind.Permanent })
        {
            var failure = new StorageException(kind, "k", "no");
            Fail(1, () => failure);
            Assert.Same(failure, await Assert.ThrowsAsync<StorageException>(() => CallAsync(verb)));
            if (kind != StorageErrorKind.PreconditionFailed) // Then what is there is looked at: an answer may have been lost inside the storage.
                Assert.Equal(1, _attempts);
        }

        Assert.Empty(_clock.Waits);
        Assert.Empty(_loggers.Entries);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task An_exception_that_is_none_of_the_contracts_counts_as_permanent(string verb)
    {
        foreach (var failure in new Exception[] { new TimeoutException("the wire is cut"), new TaskCanceledException("the client's own timeout"), new InvalidOperationException("a bug") })
        {
            Fail(1, () => failure);
            var error = await StorageCalls.FailsAsync(StorageErrorKind.Permanent, () => CallAsync(verb));
            Assert.Equal((failure.Message, failure), (error.Message, error.InnerException));
            Assert.Equal(1, _attempts);
        }
    }

    [Theory]
    [InlineData("create")]
    [InlineData("write if unchanged")]
    public async Task A_conditional_write_whose_answer_was_lost_is_recognized(string verb)
    {
        LoseAnswer();
        Assert.Equal(await new RetryTests().CallAsync(verb), await CallAsync(verb));
        Assert.Single(_faulty.Changes);
        Assert.Single(_clock.Waits);
    }

    [Fact]
    public async Task A_lost_answer_is_recognized_however_long_the_metadata_and_though_the_look_fails_at_first()
    {
        LoseAnswer();
        var looks = 0;
        _faulty.Reading = (_, _) => ++looks < 3 ? throw Busy() : Task.CompletedTask;
        var content = new byte[3 << 20];
        content[^1] = 7;
        var info = await Patient().WriteAsync("new", new(content), WriteCondition.IfAbsent, default);
        Assert.Equal(info, await _memory.StatAsync("new", default));
        Assert.Equal(content, _memory.Objects["new"]);
        Assert.Single(_faulty.Changes);
    }

    [Theory]
    [InlineData("create")]
    [InlineData("write if unchanged")]
    public async Task A_write_that_reached_the_storage_and_was_overtaken_has_failed(string verb)
    {
        LoseAnswer(() => _memory.Objects[verb == "create" ? "new" : "a/1"] = "another's"u8.ToArray());
        await StorageCalls.FailsAsync(StorageErrorKind.PreconditionFailed, () => CallAsync(verb));
    }

    [Fact]
    public async Task A_listing_that_fails_again_and_again_goes_on_where_it_was()
    {
        var failing = new HashSet<string>(_memory.Objects.Keys) { "a-b/1" };
        _faulty.Reading = (_, key) => failing.Remove(key) ? throw Busy() : Task.CompletedTask;
        Assert.Equal("a-b/1 a/1 a/2 a0/1 a0/2 b", await CallAsync("list"));
        Assert.Equal(6, _clock.Waits.Count);

        failing.UnionWith(_memory.Objects.Keys);
        Assert.Equal("a-b a a0", await CallAsync("list folders"));
    }

    [Fact]
    public async Task What_changes_between_two_tries_of_a_listing_is_listed_once_or_not_at_all()
    {
        var failed = false;
        _faulty.Reading = (verb, key) =>
        {
            if (failed || key != "a0/1")
                return Task.CompletedTask;
            failed = true;
            _memory.Objects["a/0"] = [];
            _memory.Objects["a1/1"] = [];
            _memory.Objects.TryRemove("a/2", out _);
            _memory.Objects.TryRemove("a0/2", out _);
            throw Busy();
        };
        Assert.Equal("a-b/1 a/1 a/2 a0/1 a1/1 b", await CallAsync("list"));
    }

    [Theory]
    [InlineData("list")]
    [InlineData("list folders")]
    public async Task A_listing_that_is_refused_before_it_begins_is_tried_again_too(string verb)
    {
        var expected = await CallAsync(verb);
        var refusals = 2;
        _faulty.Listing = _ =>
        {
            if (refusals-- > 0)
                throw Busy();
        };
        Assert.Equal(expected, await CallAsync(verb));
        Assert.Equal(2, _clock.Waits.Count);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Cancellation_ends_the_waiting_at_once(string verb)
    {
        using var stop = new CancellationTokenSource();
        Fail(1, Busy);
        _loggers.Told = _ => stop.Cancel();
        var patient = new RetryingStorage(_faulty, TimeSpan.FromHours(1), new StillClock(), _loggers);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CallAsync(verb, patient, stop.Token));
        Assert.Equal(1, _attempts);
    }

    [Fact]
    public async Task Each_retry_is_logged_once_and_holds_no_secret()
    {
        Fail(3, () => new StorageException(StorageErrorKind.Transient, "a/1", "the server is busy.", new InvalidOperationException("token=hunter2")));
        await CallAsync("stat");
        Assert.Equal(_clock.Waits.Select(wait => $"memory: the server is busy. Trying again in {wait.TotalSeconds:F1} s."), _loggers.Messages(LogLevel.Warning));
        Assert.Equal(3, _loggers.Entries.Count);
        Assert.All(_loggers.Entries, entry => Assert.Null(entry.Exception));
    }

    private static StorageException Busy() => new(StorageErrorKind.Transient, "k", "the server is busy");

    private RetryingStorage Patient(TimeSpan? patience = null) => new(_faulty, patience ?? TimeSpan.FromMinutes(2), _clock, _loggers);

    /// <summary>Makes the next so many attempts fail, whatever the verb.</summary>
    private void Fail(int times, Func<Exception> failure)
    {
        _attempts = 0;
        _faulty.Before = (_, _) => Attempt();
        // A listing is one attempt as long as it finds something.
        _faulty.Reading = (verb, _) => verb == "list" && _attempts >= times ? Task.CompletedTask : Attempt();

        Task Attempt() => ++_attempts <= times ? throw failure() : Task.CompletedTask;
    }

    /// <summary>Makes the next change succeed and its answer get lost.</summary>
    private void LoseAnswer(Action? meanwhile = null)
    {
        var lost = false;
        _faulty.After = (_, _) =>
        {
            if (lost)
                return Task.CompletedTask;
            lost = true;
            meanwhile?.Invoke();
            throw Busy();
        };
    }

    private Task<string> CallAsync(string verb, TimeSpan? patience = null) => CallAsync(verb, Patient(patience), default);

    /// <summary>Makes a call and describes what came of it.</summary>
    private async Task<string> CallAsync(string verb, ICheckpointStorage storage, CancellationToken token)
    {
        switch (verb)
        {
            case "stat":
                return $"{(await storage.StatAsync("a/1", token))!.Length}";
            case "read":
                var bytes = new byte[2];
                await storage.ReadAsync("a/1", 1, bytes, token);
                return Convert.ToHexString(bytes);
            case "read all":
                return Convert.ToHexString((await storage.ReadAllAsync("a/1", token))!.Content.Span);
            case "write":
                return Describe(await storage.WriteAsync("a/1", new("new"u8.ToArray()), WriteCondition.Always, token));
            case "create":
                return Describe(await storage.WriteAsync("new", new("new"u8.ToArray()), WriteCondition.IfAbsent, token));
            case "write if unchanged":
                var etag = (await _memory.StatAsync("a/1", token))!.ETag;
                return Describe(await storage.WriteAsync("a/1", new("new"u8.ToArray()), WriteCondition.IfUnchanged(etag), token));
            case "write from":
                return Describe(await storage.WriteFromAsync("a/1", new TestSource("new"u8.ToArray()), WriteCondition.Always, token));
            case "list":
                var keys = new List<string>();
                await foreach (var info in storage.ListAsync("", token))
                    keys.Add(info.Key);
                return string.Join(' ', keys);
            case "list folders":
                var folders = new List<string>();
                await foreach (var folder in storage.ListFoldersAsync("", token))
                    folders.Add(folder);
                return string.Join(' ', folders);
            default:
                await storage.DeleteAsync("a/1", token);
                return $"{_memory.Objects.ContainsKey("a/1")}";
        }
    }

    private string Describe(ObjectInfo info) =>
        $"{info.Key} {Convert.ToHexString(_memory.Objects[info.Key])} {info.Length == _memory.Objects[info.Key].Length}";
}
