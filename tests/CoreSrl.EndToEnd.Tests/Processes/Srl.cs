using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace CoreSrl.EndToEnd.Tests.Processes;

/// <summary>Runs the real command as a process of its own, in a folder of its own.</summary>
internal sealed partial class Srl : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    private Srl(string folder, IReadOnlyDictionary<string, string>? environment, string[] arguments, params string[] wrapper)
    {
        string[] command = [.. wrapper, "dotnet", Path, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_error, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The built command.</summary>
    public static string Path => Metadata("SrlPath");

    /// <summary>A value that the project file passes on.</summary>
    public static string Metadata(string key) => Assembly.GetExecutingAssembly()
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Starts the command.</summary>
    public static Srl Start(string folder, params string[] arguments) => new(folder, null, arguments);

    /// <summary>Starts the command with environment variables.</summary>
    public static Srl Start(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments) => new(folder, environment, arguments);

    /// <summary>Starts the command by way of another one.</summary>
    /// <param name="wrapper">The other command, which starts the one that follows it and becomes it; empty for none.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="arguments">What follows <c>srl</c>.</param>
    public static Srl StartIn(string[] wrapper, string folder, params string[] arguments) => new(folder, null, arguments, wrapper);

    /// <summary>The same with environment variables.</summary>
    public static Srl StartIn(string[] wrapper, string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments) => new(folder, environment, arguments, wrapper);

    /// <summary>Runs the command to its end.</summary>
    public static Task<SrlResult> RunAsync(string folder, params string[] arguments) => RunAsync(folder, null, arguments);

    /// <summary>Runs the command to its end, with environment variables.</summary>
    public static async Task<SrlResult> RunAsync(string folder, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using var process = new Srl(folder, environment, arguments);
        return await process.WaitAsync();
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Sends a signal: SIGINT is 2, SIGTERM 15 on every Unix.</summary>
    public void Signal(int number) => Assert.Equal(0, SendSignal(Id, number));

    /// <summary>Sends a signal to it and all that it has started, as a terminal does; it must have been started by way of <c>setsid</c>.</summary>
    public void SignalGroup(int number) => Assert.Equal(0, SendSignal(-Id, number));

    /// <summary>Sends a signal unless the process has ended.</summary>
    public bool TrySignal(int number) => !_process.HasExited && SendSignal(Id, number) == 0;

    /// <summary>Waits until a line of the output contains a text.</summary>
    public async Task WaitForAsync(string text)
    {
        var clock = Stopwatch.StartNew();
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            if (clock.Elapsed > Limit)
                throw new TimeoutException($"'{text}' did not appear within {Limit}. Output:\n{Output}\n{_error}");
            if (_process.HasExited)
            {
                // What it wrote last may not have been read yet.
                await WaitAsync();
                if (!Output.Contains(text, StringComparison.Ordinal))
                    throw new InvalidOperationException($"srl ended with code {_process.ExitCode} before it said '{text}'. Output:\n{Output}\n{_error}");
            }

            await Task.Delay(10);
        }
    }

    public async Task<SrlResult> WaitAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            throw new TimeoutException($"srl did not end within {Limit}. Output:\n{Output}\n{_error}");
        }

        return new(_process.ExitCode, Output, _error.ToString());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    private static void Append(StringBuilder text, string? line)
    {
        lock (text)
        {
            if (line is not null)
                text.Append(line).Append('\n');
        }
    }
}

/// <summary>How a run of the command ended.</summary>
internal sealed record SrlResult(int ExitCode, string Output, string Error)
{
    /// <summary>The result, if the command succeeded.</summary>
    public SrlResult Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Output}\n{Error}");
        return this;
    }
}
