using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace CoreSrl.Benchmarks.Harness;

/// <summary>A script in another language that does the same work and times it itself: asked by a line on its standard input, it answers with a
/// JSON object in a line. Its first tells its <c>version</c>, or an <c>error</c>.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private PeerProcess(Process process, string version)
    {
        _process = process;
        Version = version;
    }

    /// <summary>The version of what it measures.</summary>
    public string Version { get; }

    /// <summary>Starts the script and waits until it is ready.</summary>
    /// <param name="option">What chose it, for messages: <c>--peer python3</c>.</param>
    /// <param name="program">The interpreter.</param>
    /// <param name="script">The script beside this program.</param>
    /// <param name="remedy">What to do when it does not run.</param>
    /// <param name="arguments">The script's arguments.</param>
    /// <exception cref="PeerException">The interpreter cannot be started, or what the script needs is not there.</exception>
    public static async Task<PeerProcess> StartAsync(string option, string program, string script, string remedy, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, [Path.Combine(AppContext.BaseDirectory, script), .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new PeerException($"{option}: {program} cannot be started ({e.Message}). {remedy}");
        }

        try
        {
            var hello = await AnswerAsync(process);
            return (string?)hello["error"] is { } error ? throw new PeerException($"{option}: it does not run ({error}). {remedy}") : new(process, (string)hello["version"]!);
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>Asks for something.</summary>
    /// <exception cref="PeerException">The process has ended.</exception>
    public async Task<JsonObject> AskAsync(string what)
    {
        await _process.StandardInput.WriteLineAsync(what);
        await _process.StandardInput.FlushAsync();
        return await AnswerAsync(_process);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>A time that an answer tells, in seconds.</summary>
    public static TimeSpan Seconds(JsonObject answer, string name) => TimeSpan.FromSeconds((double)answer[name]!);

    private static async Task<JsonObject> AnswerAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            // A library may have something to say of its own.
            if (line.StartsWith('{'))
                return JsonNode.Parse(line)!.AsObject();
        }

        await process.WaitForExitAsync();
        throw new PeerException($"The peer's process ended with exit code {process.ExitCode}; what it wrote to standard error says why.");
    }
}

/// <summary>There is nothing to compare with.</summary>
internal sealed class PeerException(string message) : Exception(message);
